"""VM sizes, what is in use of them, and the quotas."""

from __future__ import annotations

from typing import Any

from jupyter_aml.model import compute
from jupyter_aml.model.api import ListSizes
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOC, LOCATION, PROVIDER

_KINDS = {"amlcompute": "AmlCompute", "computeinstance": "ComputeInstance"}
_OS_DISK_GB = 120
"""Of every instance and node of Azure ML."""


async def list_sizes(_request: Request, context: Context) -> Response:
    found = (await context.compute.sizes(query=ListSizes())).value
    return json_response({"value": [_size(one) for one in found]})


async def list_usages(request: Request, context: Context) -> Response:
    found = (await context.compute.usage()).value
    return page(request, context, [_usage(request, one) for one in found], size=1000)


async def list_quotas(request: Request, context: Context) -> Response:
    found = (await context.compute.usage()).value
    return page(request, context, [_quota(request, one) for one in found], size=1000)


def _size(size: compute.VmSize) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": size.name,
        "family": size.family,
        "vCPUs": size.vcpus,
        "gpus": int(size.gpus),
        "memoryGB": float(size.memory_gb),
        "osVhdSizeMB": _OS_DISK_GB * 1024,
        "maxResourceVolumeMB": int(size.disk_gb * 1024),
        "lowPriorityCapable": size.low_priority_price_per_hour is not None,
        "premiumIO": False,
        "supportedComputeTypes": [
            _KINDS[kind] for kind in size.supported_compute_types if kind in _KINDS
        ],
    }
    prices = [
        (size.price_per_hour, "Standard"),
        (size.low_priority_price_per_hour, "LowPriority"),
    ]
    values = [
        {"retailPrice": float(price), "osType": "Linux", "vmTier": tier}
        for price, tier in prices
        if price is not None
    ]
    if values:
        found["estimatedVMPrices"] = {
            "billingCurrency": "USD",
            "unitOfMeasure": "OneHour",
            "values": values,
        }
    return found


def _usage(request: Request, usage: compute.Usage) -> dict[str, Any]:
    word = usage.name.replace(" ", "_")
    return {
        "id": f"/subscriptions/{request.scope.subscription}/providers/{PROVIDER}"
        f"/locations/{LOCATION}/usages/{word}",
        "type": f"{PROVIDER}/usages",
        "unit": "Count",
        "currentValue": usage.current_value,
        "limit": usage.limit,
        "name": {"value": usage.name, "localizedValue": usage.name},
    }


def _quota(request: Request, usage: compute.Usage) -> dict[str, Any]:
    word = usage.name.replace(" ", "_")
    return {
        "id": f"/subscriptions/{request.scope.subscription}/quotas/{word}",
        "amlWorkspaceLocation": LOCATION,
        "type": f"{PROVIDER}/vmFamily/quotas",
        "name": {"value": usage.name, "localizedValue": usage.name},
        "limit": usage.limit,
        "unit": "Count",
    }


ROUTES = (
    Route(
        "VirtualMachineSizes_List",
        "GET",
        LOC + "/vmSizes",
        list_sizes,
        note="This machine's own sizes, and Azure's catalogue for rehearsal.",
    ),
    Route("Usages_List", "GET", LOC + "/usages", list_usages),
    Route(
        "Quotas_List",
        "GET",
        LOC + "/quotas",
        list_quotas,
        note="The limits of rehearsal; a setting of the service changes them.",
    ),
)
