from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.overlap_body import OverlapBody
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
    from ..models.rotation_body_values import RotationBodyValues


T = TypeVar("T", bound="RotationBody")


@_attrs_define
class RotationBody:
    """New values for a credential.

    Attributes:
        values (RotationBodyValues): Fields of its form; the others stay. All secret ones, if an address changes.
        expires_at (None | str | Unset): From when on the new values may not pay (RFC 3339); null takes the date away,
            absent leaves it.
        overlap (None | OverlapBody | Unset):
        overlap_ms (int | None | Unset): How long the old values stay usable, in milliseconds, up to 90 days; 0: not at
            all.
        validate (bool | Unset): Whether the provider is asked first.
    """

    values: RotationBodyValues
    expires_at: None | str | Unset = UNSET
    overlap: None | OverlapBody | Unset = UNSET
    overlap_ms: int | None | Unset = UNSET
    validate: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.rotation_body_values import RotationBodyValues  # noqa: PLC0415

        values = self.values.to_dict()

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = self.expires_at

        overlap: None | str | Unset
        if isinstance(self.overlap, Unset):
            overlap = UNSET
        elif isinstance(self.overlap, OverlapBody):
            overlap = self.overlap.value
        else:
            overlap = self.overlap

        overlap_ms: int | None | Unset
        if isinstance(self.overlap_ms, Unset):
            overlap_ms = UNSET
        else:
            overlap_ms = self.overlap_ms

        validate = self.validate

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "values": values,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if overlap is not UNSET:
            field_dict["overlap"] = overlap
        if overlap_ms is not UNSET:
            field_dict["overlap_ms"] = overlap_ms
        if validate is not UNSET:
            field_dict["validate"] = validate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rotation_body_values import RotationBodyValues  # noqa: PLC0415

        d = dict(src_dict)
        values = RotationBodyValues.from_dict(d.pop("values"))

        def _parse_expires_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_overlap(data: object) -> None | OverlapBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                overlap_type_0 = OverlapBody(data)

                return overlap_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OverlapBody | Unset, data)

        overlap = _parse_overlap(d.pop("overlap", UNSET))

        def _parse_overlap_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        overlap_ms = _parse_overlap_ms(d.pop("overlap_ms", UNSET))

        validate = d.pop("validate", UNSET)

        rotation_body = cls(
            values=values,
            expires_at=expires_at,
            overlap=overlap,
            overlap_ms=overlap_ms,
            validate=validate,
        )

        return rotation_body
