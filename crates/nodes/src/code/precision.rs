//! How many digits a float has after its point, as Python's `Decimal` counts them.

/// The digits after the point of the shortest decimal that reads back as this number.
pub(super) fn digits(number: f64) -> usize {
    let shortest = format!("{number:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let fraction = mantissa
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len());
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let after = i64::try_from(fraction).unwrap_or(i64::MAX) - exponent;
    usize::try_from(after).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_are_those_of_the_decimal() {
        for (number, count) in [
            (0.0, 0),
            (2.0, 0),
            (0.5, 1),
            (0.123_456, 6),
            (1e-7, 7),
            (1.5e-7, 8),
            (1.5e20, 0),
            (-12.25, 2),
            (0.1 + 0.2, 17),
        ] {
            assert_eq!(digits(number), count, "{number}");
        }
    }
}
