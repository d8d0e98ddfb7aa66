from django.urls import path

from accounts.views import audit, organisation, people, profile, setup

app_name = "accounts"

urlpatterns = [
    path("setup/", setup.setup, name="setup"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate_person"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate_person"),
    path("people/<int:pk>/invite/", people.invite, name="invite_person"),
    path("teams/", organisation.teams, name="teams"),
    path("teams/new/", organisation.team, name="new_team"),
    path("teams/<int:pk>/", organisation.team, name="team"),
    path("merchants/", organisation.merchants, name="merchants"),
    path("merchants/new/", organisation.merchant, name="new_merchant"),
    path("merchants/<int:pk>/", organisation.merchant, name="merchant"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/notice/", organisation.notice, name="notice"),
    path("logo/", organisation.logo, name="logo"),
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.make_token, name="make_token"),
    path("profile/tokens/<int:pk>/revoke/", profile.revoke_token, name="revoke_token"),
    path("privacy/", organisation.privacy, name="privacy"),
    path("audit/", audit.audit, name="audit"),
    path("reveal/", audit.reveal, name="reveal"),
]
