//! Sorting lists of some dozens.

/// Sorts a short list in place; equal elements keep their order. `before` says whether its first argument must stand
/// before the second.
///
/// An insertion sort: the standard library's has five kilobytes of code for each type that is sorted, which the page's
/// first view would carry. For lists of more than some hundreds it is slow.
pub fn sort_few<T>(list: &mut [T], before: impl Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut place = end;
        while place > 0 && before(&list[place], &list[place - 1]) {
            list.swap(place, place - 1);
            place -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_stable_sort_does() {
        let mut state = 7_u32;
        for length in 0..40 {
            let mut list: Vec<(u32, usize)> = (0..length)
                .map(|place| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 29, place)
                })
                .collect();
            let mut expected = list.clone();
            expected.sort_by_key(|one| one.0);
            sort_few(&mut list, |a, b| a.0 < b.0);
            assert_eq!(list, expected);
        }
    }
}
