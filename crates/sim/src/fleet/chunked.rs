//! Long lists that grow in chunks.
//!
//! A vector that grows moves everything to a place of twice the size. WebAssembly's memory never shrinks, so the old
//! place is lost; these lists take only the memory of their elements.

use std::collections::VecDeque;

/// The elements in one chunk of a [`ChunkedVec`].
const TABLE_PIECE: usize = 64;
/// The elements in one chunk of a [`ChunkedDeque`].
const LINE_PIECE: usize = 32;

/// A list whose elements stay where they are.
#[derive(Clone, Debug)]
pub struct ChunkedVec<T> {
    pieces: Vec<Box<[T; TABLE_PIECE]>>,
    len: usize,
}

impl<T> Default for ChunkedVec<T> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            len: 0,
        }
    }
}

impl<T: Copy> ChunkedVec<T> {
    /// Adds an element; its number is the length before.
    pub fn push(&mut self, element: T) {
        match self.get_mut(self.len) {
            Some(place) => *place = element,
            None => self.pieces.push(Box::new([element; TABLE_PIECE])),
        }
        self.len += 1;
    }

    /// How many elements there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element with this number. Numbers that were never given out find any element or none.
    #[must_use]
    #[inline(always)]
    pub fn get(&self, number: usize) -> Option<&T> {
        Some(&self.pieces.get(number / TABLE_PIECE)?[number % TABLE_PIECE])
    }

    /// The element with this number, to change.
    #[inline(always)]
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        Some(&mut self.pieces.get_mut(number / TABLE_PIECE)?[number % TABLE_PIECE])
    }

    /// All elements, by number.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces
            .iter()
            .flat_map(|piece| piece.iter())
            .take(self.len)
    }

    /// All elements, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pieces
            .iter_mut()
            .flat_map(|piece| piece.iter_mut())
            .take(self.len)
    }
}

/// A queue: first in, first out.
#[derive(Clone, Debug)]
pub struct ChunkedDeque<T> {
    /// The chunks, in order; empty ones stand at the end, for later elements.
    pieces: VecDeque<Box<[T; LINE_PIECE]>>,
    /// The position of the first element in the first chunk.
    first: usize,
    len: usize,
}

impl<T> Default for ChunkedDeque<T> {
    fn default() -> Self {
        Self {
            pieces: VecDeque::new(),
            first: 0,
            len: 0,
        }
    }
}

impl<T: Copy> ChunkedDeque<T> {
    /// Adds an element at the end.
    pub fn push_back(&mut self, element: T) {
        let at = self.first + self.len;
        match self.pieces.get_mut(at / LINE_PIECE) {
            Some(piece) => piece[at % LINE_PIECE] = element,
            None => self.pieces.push_back(Box::new([element; LINE_PIECE])),
        }
        self.len += 1;
    }

    /// Removes the first element; `None` if there is none.
    pub fn pop_front(&mut self) -> Option<T> {
        let element = self.front().copied()?;
        self.len -= 1;
        self.first += 1;
        if self.first == LINE_PIECE {
            self.first = 0;
            let emptied = self.pieces.pop_front();
            self.pieces.extend(emptied);
        }
        Some(element)
    }

    /// The first element; `None` if there is none.
    #[must_use]
    pub fn front(&self) -> Option<&T> {
        self.iter().next()
    }

    /// How many elements there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let places = self.first..self.first + self.len;
        places.map(|at| &self.pieces[at / LINE_PIECE][at % LINE_PIECE])
    }

    /// Keeps only those for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        for _ in 0..self.len {
            if let Some(element) = self.pop_front()
                && keep(&element)
            {
                self.push_back(element);
            }
        }
    }

    /// Removes all elements from the list.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_everything_at_its_number() {
        let mut table = ChunkedVec::default();
        assert!(table.is_empty() && table.get(0).is_none());
        for number in 0..200 {
            table.push(number);
        }
        *table.get_mut(130).expect("it is there") = 7;
        table.iter_mut().last().into_iter().for_each(|one| *one = 8);
        assert_eq!(
            (table.len(), table.get(65), table.get(130)),
            (200, Some(&65), Some(&7))
        );
        assert_eq!(table.iter().count(), 200);
        assert_eq!(table.iter().last(), Some(&8));
    }

    #[test]
    fn a_line_gives_back_in_order_whatever_is_taken_out_of_its_middle() {
        let mut line = ChunkedDeque::default();
        let mut plain = VecDeque::new();
        for number in 0..2_000_u32 {
            line.push_back(number);
            plain.push_back(number);
            if number % 3 == 0 {
                assert_eq!(line.pop_front(), plain.pop_front());
            }
            if number % 700 == 600 {
                line.retain(|one| one % 5 != 0 && !(300..700).contains(one));
                plain.retain(|one| one % 5 != 0 && !(300..700).contains(one));
            }
            assert_eq!((line.len(), line.front()), (plain.len(), plain.front()));
        }
        assert!(line.iter().eq(&plain));
        line.clear();
        assert!(line.is_empty() && line.pop_front().is_none());
    }
}
