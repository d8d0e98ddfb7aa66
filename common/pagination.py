"""How the API hands out long lists: by cursor, so that page 4,000 costs what page 1 costs and nothing is skipped."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first unless a view says otherwise; `?page_size=` up to 200, `?ordering=` where the view allows it."""

    ordering = "-id"
    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 200
