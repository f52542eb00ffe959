from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.retried_version import RetriedVersion
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.retry_body_credential_overrides import RetryBodyCredentialOverrides


T = TypeVar("T", bound="RetryBody")


@_attrs_define
class RetryBody:
    """How a run is repeated.

    Attributes:
        from_ (str): `failed`, or the id of a node of the top level: it and what follows from it is executed again.
        credential_overrides (RetryBodyCredentialOverrides | Unset): Credentials that the new run states; a run that has
            stated some needs them stated again.
        version (RetriedVersion | Unset): What a repeated run executes.
    """

    from_: str
    credential_overrides: RetryBodyCredentialOverrides | Unset = UNSET
    version: RetriedVersion | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.retry_body_credential_overrides import (
            RetryBodyCredentialOverrides,
        )  # noqa: PLC0415

        from_ = self.from_

        credential_overrides: dict[str, Any] | Unset = UNSET
        if not isinstance(self.credential_overrides, Unset):
            credential_overrides = self.credential_overrides.to_dict()

        version: str | Unset = UNSET
        if not isinstance(self.version, Unset):
            version = self.version.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "from": from_,
            }
        )
        if credential_overrides is not UNSET:
            field_dict["credential_overrides"] = credential_overrides
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.retry_body_credential_overrides import (
            RetryBodyCredentialOverrides,
        )  # noqa: PLC0415

        d = dict(src_dict)
        from_ = d.pop("from")

        _credential_overrides = d.pop("credential_overrides", UNSET)
        credential_overrides: RetryBodyCredentialOverrides | Unset
        if isinstance(_credential_overrides, Unset):
            credential_overrides = UNSET
        else:
            credential_overrides = RetryBodyCredentialOverrides.from_dict(
                _credential_overrides
            )

        _version = d.pop("version", UNSET)
        version: RetriedVersion | Unset
        if isinstance(_version, Unset):
            version = UNSET
        else:
            version = RetriedVersion(_version)

        retry_body = cls(
            from_=from_,
            credential_overrides=credential_overrides,
            version=version,
        )

        return retry_body
