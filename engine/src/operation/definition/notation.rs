//! How literals are written: dates, times, identifiers, exact numbers and bytes. What a server would round, cut or read
//! in a way of its own is found here, before any server sees it.

use std::net::IpAddr;

/// What is wrong with a date, if anything: a sentence without a full stop.
///
/// `infinity`, years of more than four digits and those before Christ (`0044-03-15 BC`) are for the dialect to refuse.
pub(super) fn date(text: &str) -> Result<(), String> {
    if matches!(text, "infinity" | "-infinity") {
        return Ok(());
    }
    let text = text.strip_suffix(" BC").unwrap_or(text);
    let wrong = || format!("`{text}` is not a date; write it as `2026-11-20`");
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    let number = |digits: &str, least: usize, most: usize| {
        (least..=most).contains(&digits.len()).then(|| whole(digits)).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4, 7), number(month, 2, 2), number(day, 2, 2)) else {
        return Err(wrong());
    };
    if !(1..=12).contains(&month) || day == 0 || day > days(year, month) || year == 0 {
        return Err(format!("`{text}` is not a day of the calendar"));
    }
    Ok(())
}

/// The number of days of a month.
fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is wrong with a time of day, if anything. Seconds and their fraction may be left out.
pub(super) fn time(text: &str) -> Result<(), String> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let parts: Vec<Option<u32>> =
        clock.split(':').map(|part| (part.len() == 2).then(|| whole(part)).flatten()).collect();
    let fine = match parts.as_slice() {
        [Some(hour), Some(minute)] => *hour < 24 && *minute < 60 && fraction.is_none(),
        [Some(hour), Some(minute), Some(second)] => *hour < 24 && *minute < 60 && *second < 60,
        _ => false,
    };
    let digits = fraction.is_none_or(|fraction| whole_digits(fraction) && (1..=9).contains(&fraction.len()));
    match fine && digits {
        true => Ok(()),
        false => Err(format!("`{text}` is not a time of day; write it as `10:30:00`")),
    }
}

/// What is wrong with a date and time, if anything. `T` or a blank stands between them; the time may be left out.
pub(super) fn timestamp(text: &str, zone: bool) -> Result<(), String> {
    let text = text.trim();
    if matches!(text, "infinity" | "-infinity") {
        return Ok(());
    }
    let text = text.strip_suffix(" BC").unwrap_or(text);
    let Some((day, rest)) = text.split_once(['T', 't', ' ']) else { return date(text) };
    date(day)?;
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), Some(&rest[at..])),
        None => (rest, None),
    };
    time(clock)?;
    match offset {
        None => Ok(()),
        Some(_) if !zone => Err(format!(
            "`{text}` has a time zone, but the type is `timestamp`, which has none; leave the zone out, or use `timestamptz`"
        )),
        Some(offset) if is_offset(offset) => Ok(()),
        Some(offset) => Err(format!("`{offset}` is not a time zone; write `Z` or an offset such as `+02:00`")),
    }
}

/// Whether the fraction of a second has no more digits than the type keeps. The text is a time, or ends with one.
pub(super) fn fraction(text: &str, precision: u8) -> Result<(), String> {
    let Some((_, rest)) = text.split_once('.') else { return Ok(()) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let kept = rest[..digits].trim_end_matches('0').len();
    match kept <= usize::from(precision) {
        true => Ok(()),
        false => Err(format!("`{text}` has {kept} digits of a second, and the type keeps {precision}")),
    }
}

/// Whether a floating-point number is in the range of its type: not beyond the largest, and not lost as zero.
pub(super) fn floating(text: &str, most: f64, least: f64) -> Result<(), String> {
    let Ok(number) = text.parse::<f64>() else { return Ok(()) };
    let is_zero = !text.split(['e', 'E']).next().unwrap_or(text).bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    match number.abs() {
        size if size > most => Err(format!("`{text}` is beyond the range of the type")),
        size if size < least && !is_zero => Err(format!("`{text}` is too small for the type, which would make it 0")),
        _ => Ok(()),
    }
}

/// What is wrong with a string of bits, if anything.
pub(super) fn bits(text: &str, size: u32) -> Result<(), String> {
    if !text.bytes().all(|byte| matches!(byte, b'0' | b'1')) {
        return Err(format!("`{text}` is not a string of bits; write it as `1010`, in quotes"));
    }
    match text.len() == size as usize {
        true => Ok(()),
        false => Err(format!("`{text}` has {} bits, and the type has {size}", text.len())),
    }
}

/// What is wrong with an IP address, if anything, or with a network, whose bits to the right of the mask are zero.
pub(super) fn address(text: &str, network: bool) -> Result<(), String> {
    let wrong = || format!("`{text}` is not an IP address; write it as `10.0.0.1`, `10.0.0.0/8` or `::1`");
    let (host, mask) = text.split_once('/').map_or((text, None), |(host, mask)| (host, Some(mask)));
    let (bits, value) = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => (32, u128::from(address.to_bits())),
        Ok(IpAddr::V6(address)) => (128, address.to_bits()),
        // The server takes networks that are cut short, such as `10/8`.
        Err(_) if network && mask.is_some() => return Ok(()),
        Err(_) => return Err(wrong()),
    };
    let mask = match mask {
        None => bits,
        Some(mask) => whole(mask).filter(|mask| *mask <= bits && !mask.to_string().is_empty()).ok_or_else(wrong)?,
    };
    let rest = match bits - mask {
        0 => 0,
        128 => value,
        free => value & ((1 << free) - 1),
    };
    match network && rest != 0 {
        true => Err(format!("`{text}` has bits to the right of its mask, which a network has not")),
        false => Ok(()),
    }
}

/// `Z`, `+02`, `+0200` or `+02:00`.
fn is_offset(offset: &str) -> bool {
    let Some(digits) = offset.strip_prefix(['+', '-']) else { return offset.eq_ignore_ascii_case("z") };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), 5) => (hours, minutes),
        (None, 2) => (digits, "00"),
        (None, 4) => digits.split_at_checked(2).unwrap_or((digits, "")),
        _ => return false,
    };
    let number = |digits: &str, most: u32| digits.len() == 2 && whole(digits).is_some_and(|number| number <= most);
    number(hours, 15) && number(minutes, 59)
}

/// What is wrong with a UUID, if anything. Only the form with hyphens is the same text everywhere.
pub(super) fn uuid(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('-').collect();
    let fine = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match fine {
        true => Ok(()),
        false => {
            Err(format!("`{text}` is not a uuid; write it as `6f9619ff-8b86-4d01-b42d-00cf4fc964ff`, with the hyphens"))
        }
    }
}

/// What is wrong with a number of so many digits in all and after the point, if anything. Infinity and not-a-number are
/// left to the dialect.
pub(super) fn decimal(text: &str, precision: u32, scale: u32) -> Result<(), String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned.to_ascii_lowercase().as_str(), ".inf" | ".nan") {
        return Ok(());
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()),
        None => (unsigned, Some(0)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (true, true, Some(exponent)) = (whole_digits(whole), whole_digits(fraction), exponent) else {
        return Err(format!("`{text}` is not a decimal number"));
    };
    let digits: String = [whole, fraction].concat();
    // Where the point stands, counted from the first digit that is not zero.
    let leading = digits.bytes().take_while(|byte| *byte == b'0').count();
    let significant = digits.trim_matches('0').len();
    if significant == 0 {
        return Ok(());
    }
    let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let before = size(whole.len()).saturating_add(exponent).saturating_sub(size(leading));
    let after = size(significant).saturating_sub(before);
    if after > i64::from(scale) {
        return Err(format!("`{text}` has {after} digits after the point, and the type keeps {scale}"));
    }
    let room = i64::from(precision) - i64::from(scale);
    if before > room {
        return Err(format!("`{text}` has {before} digits before the point, and the type has room for {room}"));
    }
    Ok(())
}

/// The bytes that hexadecimal digits stand for.
pub fn hex(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("`{text}` is not hexadecimal; write two digits for each byte, such as `00ff`");
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let pair = |at: usize| {
        let pair = text.get(at..at + 2).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..text.len()).step_by(2).map(|at| pair(at).ok_or_else(wrong)).collect()
}

/// The bytes that base64 stands for (RFC 4648, section 4); white space is passed over, so that it can be broken in lines.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "the text is not base64".to_owned();
    let mut rest: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let padded = rest.iter().rev().take_while(|byte| **byte == b'=').count();
    if padded > 2 || (padded > 0 && !rest.len().is_multiple_of(4)) {
        return Err(wrong());
    }
    rest.truncate(rest.len() - padded);
    let mut bytes = Vec::with_capacity(rest.len() / 4 * 3 + 3);
    for group in rest.chunks(4) {
        let mut bits: u32 = 0;
        for place in 0..4 {
            let value = match group.get(place) {
                None => 0,
                Some(byte @ b'A'..=b'Z') => byte - b'A',
                Some(byte @ b'a'..=b'z') => byte - b'a' + 26,
                Some(byte @ b'0'..=b'9') => byte - b'0' + 52,
                Some(b'+') => 62,
                Some(b'/') => 63,
                Some(_) => return Err(wrong()),
            };
            bits = bits << 6 | u32::from(value);
        }
        let [_, made @ ..] = bits.to_be_bytes();
        let count = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return Err(wrong()),
        };
        // Bits that no byte takes are zero, or two texts would mean the same bytes.
        if made[count..].iter().any(|byte| *byte != 0) {
            return Err(wrong());
        }
        bytes.extend(&made[..count]);
    }
    Ok(bytes)
}

fn whole(digits: &str) -> Option<u32> {
    if whole_digits(digits) { digits.parse().ok() } else { None }
}

fn whole_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times() {
        for text in ["2026-11-20", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(text), Ok(()));
        }
        for text in ["2026-2-3", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "today", ""] {
            assert!(date(text).is_err(), "{text}");
        }
        for text in ["10:30", "10:30:00", "23:59:59.999999", "00:00:00.123456789"] {
            assert_eq!(time(text), Ok(()));
        }
        for text in ["10", "24:00:00", "10:60", "10:30:60", "10:30.5", "1:30", "10:30:00.x", "10:30:00.", "10:30:00Z"] {
            assert!(time(text).is_err(), "{text}");
        }
        for text in ["2026-11-20", "2026-11-20 10:30", "2026-11-20T10:30:00.5"] {
            assert_eq!((timestamp(text, false), timestamp(text, true)), (Ok(()), Ok(())));
        }
        for text in
            ["2026-11-20T10:30:00Z", "2026-11-20 10:30:00+02", "2026-11-20 10:30:00 -0330", "2026-11-20T10:30+02:00"]
        {
            assert_eq!(timestamp(text, true), Ok(()));
            assert!(timestamp(text, false).is_err_and(|message| message.contains("time zone")), "{text}");
        }
        for text in ["2026-11-20T", "2026-11-20 10:30 Europe/Rome", "2026-11-20T10:30+2", "20 November"] {
            assert!(timestamp(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn uuids() {
        assert_eq!(uuid("6f9619ff-8b86-4d01-b42d-00cf4fc964FF"), Ok(()));
        for text in ["6f9619ff8b864d01b42d00cf4fc964ff", "6f9619ff-8b86-4d01-b42d-00cf4fc964fg", "x", ""] {
            assert!(uuid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn decimals_fit_or_not() {
        for text in ["123.45", "-999.99", "0", "0.0000", "1.5000", "1e2", "12345e-2", ".5", "007", "0.001e1", ".nan"] {
            assert_eq!(decimal(text, 5, 2), Ok(()), "{text}");
        }
        for (text, part) in [
            ("1.234", "3 digits after"),
            ("1000", "4 digits before"),
            ("1e3", "4 digits before"),
            ("1e-3", "3 digits after"),
            ("1e99999999999999999999", "not a decimal"),
            ("1e999999999999999999", "digits before"),
            ("0xff", "not a decimal"),
        ] {
            assert!(decimal(text, 5, 2).is_err_and(|message| message.contains(part)), "{text}");
        }
    }

    #[test]
    fn bytes_are_read() {
        assert_eq!(hex("00fF"), Ok(vec![0, 255]));
        assert_eq!(hex(""), Ok(vec![]));
        for text in ["0", "0g", "+1", "é"] {
            assert!(hex(text).is_err(), "{text}");
        }
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v\n YmFy", "foobar"), ("Zg", "f")] {
            assert_eq!(base64(text), Ok(bytes.as_bytes().to_vec()), "{text}");
        }
        for text in ["Z", "Zg=", "Zh==", "Zm9v=", "Zm9*", "===="] {
            assert!(base64(text).is_err(), "{text}");
        }
    }
}
