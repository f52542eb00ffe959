from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.credential_failure_view import CredentialFailureView


T = TypeVar("T", bound="FailureView")


@_attrs_define
class FailureView:
    """Why a node failed.

    Attributes:
        error_type (str): The class, such as `CredentialError`.
        message (str): The text; for a credential's failure it begins with the code.
        credential (CredentialFailureView | None | Unset):
    """

    error_type: str
    message: str
    credential: CredentialFailureView | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.credential_failure_view import CredentialFailureView  # noqa: PLC0415

        error_type = self.error_type

        message = self.message

        credential: dict[str, Any] | None | Unset
        if isinstance(self.credential, Unset):
            credential = UNSET
        elif isinstance(self.credential, CredentialFailureView):
            credential = self.credential.to_dict()
        else:
            credential = self.credential

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error_type": error_type,
                "message": message,
            }
        )
        if credential is not UNSET:
            field_dict["credential"] = credential

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.credential_failure_view import CredentialFailureView  # noqa: PLC0415

        d = dict(src_dict)
        error_type = d.pop("error_type")

        message = d.pop("message")

        def _parse_credential(data: object) -> CredentialFailureView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                credential_type_0 = CredentialFailureView.from_dict(data)

                return credential_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CredentialFailureView | None | Unset, data)

        credential = _parse_credential(d.pop("credential", UNSET))

        failure_view = cls(
            error_type=error_type,
            message=message,
            credential=credential,
        )

        failure_view.additional_properties = d
        return failure_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
