from orders.models.events import OrderEvent
from orders.models.orders import Order, OrderLine, SalesChannel, Settlement, Tender, TenderMethod
from orders.models.parcels import Parcel, ParcelLine, SignedBy
from orders.models.products import NATURE_OF_CATEGORY, Nature, Product, ProductCategory

__all__ = [
    "NATURE_OF_CATEGORY",
    "Nature",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Product",
    "ProductCategory",
    "SalesChannel",
    "Settlement",
    "SignedBy",
    "Tender",
    "TenderMethod",
]
