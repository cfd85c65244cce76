//! Base64, as far as the guard looks through it.

/// Longest text that is decoded.
const LONGEST: usize = 4096;

/// The text that stands behind base64 of either alphabet; none if there is no text behind it.
pub(super) fn decode(text: &str) -> Option<String> {
    let digits = text.trim_end_matches('=');
    if digits.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in digits.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_and_other_bytes_do_not() {
        assert_eq!(decode("UkVEQUNURUQ=").as_deref(), Some("REDACTED"));
        assert_eq!(decode("cGF5bWVudHM").as_deref(), Some("payments"));
        assert_eq!(decode(""), None);
        assert_eq!(decode("not base64!"), None);
        assert_eq!(decode("////"), None);
    }
}
