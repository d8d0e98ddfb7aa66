"""Signing in to the API with a token of ours (`Authorization: Token ...`)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.actions.tokens import token_hash
from accounts.models import ApiToken, User

KEYWORD = "Token"
LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """One indexed look-up by hash. A token that is unknown or ended, or whose person can't sign in, is a 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2 or len(words[1]) > LONGEST:
            raise exceptions.AuthenticationFailed(_("The header reads “Authorization: Token” and then the token."))
        try:
            digest = token_hash(words[1].decode())
        except UnicodeDecodeError:
            raise exceptions.AuthenticationFailed(_("The token holds characters that no token has.")) from None
        token = ApiToken.objects.select_related("user").filter(token_hash=digest, revoked_at=None).first()
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is not valid. Make a new one."))
        if not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("The person of this token can't sign in any more."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes it."""

    target_class = "accounts.auth.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token ...`; a token is made with `manage.py api_token EMAIL`.",
        }
