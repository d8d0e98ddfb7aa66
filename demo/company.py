"""The company: organisation, shops, teams, people, routes."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.actions import create_person, open_product, save_merchant, save_organisation, save_team
from accounts.models import Merchant, Mode, Organisation, Team, User
from calendars.models import Calendar
from demo import people
from demo.shops import SHOPS
from tickets.actions import save_route
from tickets.models import Category


@dataclass
class Company:
    organisation: Organisation
    customer: User
    shops: dict[str, Merchant] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    staff: dict[str, User] = field(default_factory=dict)

    def agents_of(self, team: Team | None, shop: Merchant) -> list[User]:
        """Who works the cases of a team and may see this shop."""
        return [
            person
            for person in self.staff.values()
            if person.role == "agent" and person.team_id == (team.pk if team else None)
            if not person.scope or shop.pk in person.scope
        ]


def found() -> Company:
    """Make the company. Needs an empty database."""
    calendar = Calendar.objects.get(code="retail")
    organisation = save_organisation(
        actor=None, name="云禾电器", mode=Mode.BRAND, calendar=calendar, hotline="400-800-1234"
    )
    shops = {
        shop.slug: save_merchant(
            None,
            actor=None,
            name=shop.name,
            code=shop.code,
            slug=shop.slug,
            hotline="400-800-1234",
            signature=shop.signature,
        )
        for shop in SHOPS
    }
    lead = next(colleague for colleague in people.COLLEAGUES if colleague.email == people.LEADS[people.TEAMS[0]])
    open_product(actor=None, team_name=people.TEAMS[0], lead_name=lead.name, lead_email=lead.email)
    teams = {Team.objects.get().name: Team.objects.get()}
    teams |= {name: save_team(None, actor=None, name=name) for name in people.TEAMS[1:]}
    first_lead = User.objects.get(email=lead.email)
    first_lead.set_password(people.PASSWORD)  # nobody reads the demo's mail to choose one
    first_lead.save(update_fields=["password"])
    staff = {lead.email: first_lead} | {
        colleague.email: create_person(
            actor=None,
            name=colleague.name,
            role=colleague.role,
            email=colleague.email,
            team=teams.get(colleague.team),
            merchants=[shops[slug] for slug in colleague.shops],
            password=people.PASSWORD,
        )
        for colleague in people.COLLEAGUES
        if colleague != lead
    }
    for name, lead in people.LEADS.items():
        teams[name] = save_team(teams[name], actor=None, name=name, lead=staff[lead])
    customer = create_person(
        actor=None,
        name=people.CUSTOMER.name,
        role=people.CUSTOMER.role,
        email=people.CUSTOMER.email,
        phone="13800136021",
        password=people.PASSWORD,
    )
    first, second, safety = (teams[name] for name in people.TEAMS)
    save_route(actor=None, merchant=None, category=None, team=first)
    save_route(actor=None, merchant=shops["hexiaochu"], category=None, team=second)
    save_route(actor=None, merchant=shops["yunhehome"], category=None, team=second)
    save_route(actor=None, merchant=None, category=Category.objects.get(code="safety"), team=safety)
    for shop in shops.values():
        save_route(actor=None, merchant=shop, category=Category.objects.get(code="safety"), team=safety)
    return Company(organisation, customer, shops, teams, staff)
