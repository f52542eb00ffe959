from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.choice_body import ChoiceBody


T = TypeVar("T", bound="ImportedCredentialView")


@_attrs_define
class ImportedCredentialView:
    """A credential that a file names.

    Attributes:
        model (str): The model of the first of them.
        node_ids (list[str]): The nodes that name it.
        provider (str): The provider.
        selector (ChoiceBody): A stored credential, by id or by name.
        state (str): found, missing or by_variable.
        mapped_to (None | str | Unset): What it was mapped to.
    """

    model: str
    node_ids: list[str]
    provider: str
    selector: ChoiceBody
    state: str
    mapped_to: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.choice_body import ChoiceBody  # noqa: PLC0415

        model = self.model

        node_ids = self.node_ids

        provider = self.provider

        selector = self.selector.to_dict()

        state = self.state

        mapped_to: None | str | Unset
        if isinstance(self.mapped_to, Unset):
            mapped_to = UNSET
        else:
            mapped_to = self.mapped_to

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "node_ids": node_ids,
                "provider": provider,
                "selector": selector,
                "state": state,
            }
        )
        if mapped_to is not UNSET:
            field_dict["mapped_to"] = mapped_to

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.choice_body import ChoiceBody  # noqa: PLC0415

        d = dict(src_dict)
        model = d.pop("model")

        node_ids = cast(list[str], d.pop("node_ids"))

        provider = d.pop("provider")

        selector = ChoiceBody.from_dict(d.pop("selector"))

        state = d.pop("state")

        def _parse_mapped_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        mapped_to = _parse_mapped_to(d.pop("mapped_to", UNSET))

        imported_credential_view = cls(
            model=model,
            node_ids=node_ids,
            provider=provider,
            selector=selector,
            state=state,
            mapped_to=mapped_to,
        )

        imported_credential_view.additional_properties = d
        return imported_credential_view

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
