"""Who is really asking, when a proxy stands before us: X-Forwarded-* is believed only from proxies we named."""

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


def is_within(address: str, networks: Sequence) -> bool:
    """Whether the address is in one of the networks; what is no address is in none."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)


def client_address(peer: str, forwarded_for: str, proxies: Sequence) -> str:
    """The right-most address that is not one of our proxies; everything left of it could be made up by the client."""
    address = peer
    for hop in reversed([hop.strip() for hop in forwarded_for.split(",") if hop.strip()]):
        if not is_within(address, proxies):
            break
        try:
            ipaddress.ip_address(hop)
        except ValueError:
            break
        address = hop
    return address


class TrustedProxies:
    """Sets REMOTE_ADDR to the client's address, and drops forwarded headers from anyone who is not our proxy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if settings.TRUSTED_PROXIES and is_within(peer, settings.TRUSTED_PROXIES):
            request.META["REMOTE_ADDR"] = client_address(
                peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
            )
        else:
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)
