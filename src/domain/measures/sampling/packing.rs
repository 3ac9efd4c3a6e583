//! How chunks are packed into bytes. Times and indexes are differences as variable-length integers, and a value is what
//! differs from the value before it (XOR of the bits, without the zero bytes at both ends): values that change little
//! take few bytes. Reading stops at bytes that it does not understand: an empty rest is better than a failing page.

/// Writes the parts of a chunk.
#[derive(Default)]
pub struct Packer {
    bytes: Vec<u8>,
    before: u64,
}

impl Packer {
    /// Adds an integer: seven bits a byte, the lowest first (LEB128).
    pub fn integer(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Adds a value: a byte says how many zero bytes its difference begins with and how many bytes follow.
    pub fn value(&mut self, value: f64) {
        let bits = value.to_bits();
        let different = (bits ^ self.before).to_be_bytes();
        self.before = bits;
        let leading = different.iter().take_while(|byte| **byte == 0).count();
        let trailing = different[leading..].iter().rev().take_while(|byte| **byte == 0).count();
        let middle = &different[leading..8 - trailing];
        self.bytes.push((leading as u8) << 4 | middle.len() as u8);
        self.bytes.extend_from_slice(middle);
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads the parts of a chunk.
pub struct Unpacker<'a> {
    bytes: &'a [u8],
    before: u64,
}

impl<'a> Unpacker<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, before: 0 }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next integer.
    pub fn integer(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// The next value.
    pub fn value(&mut self) -> Option<f64> {
        let (head, rest) = self.bytes.split_first()?;
        let (leading, length) = (usize::from(head >> 4), usize::from(head & 15));
        if leading + length > 8 || rest.len() < length {
            return None;
        }
        let mut different = [0; 8];
        different[leading..leading + length].copy_from_slice(&rest[..length]);
        self.bytes = &rest[length..];
        self.before ^= u64::from_be_bytes(different);
        Some(f64::from_bits(self.before))
    }
}
