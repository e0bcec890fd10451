//! The rank of a task: a text that orders the tasks of a project by hand.
//!
//! A rank is compared byte by byte. It is a number of ten digits, and then a fraction in base 62 that does not end in
//! `0`, so there is always a rank between two. A task that was never put anywhere has the rank of its number, without a
//! fraction: it stands behind all tasks that came before it.

/// The longest rank that is stored. A longer one [makes room](spread) among its neighbors.
pub const MAX_LENGTH: usize = 100;

/// The digits of the number.
const NUMBER: usize = 10;
/// The digits of a fraction, in the order of their bytes.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns the rank of a task that has this number and was never put anywhere.
pub fn of_number(number: i32) -> String {
    format!("{number:0NUMBER$}")
}

/// Returns a rank after `lower` and before `upper`, which must be greater. It is about in the middle, and as short as
/// possible.
pub fn between(lower: &str, upper: &str) -> String {
    let (number, lower_fraction) = lower.split_at(NUMBER);
    // The fraction of another number is greater than all fractions of this one.
    let upper_fraction = upper.strip_prefix(number);
    format!("{number}{}", fraction_between(lower_fraction.as_bytes(), upper_fraction.map(str::as_bytes)))
}

/// Returns as many ranks between `lower` and `upper` as are asked for, in order, and as short as possible.
pub fn spread(lower: &str, upper: &str, count: usize) -> Vec<String> {
    let Some(rest) = count.checked_sub(1) else { return Vec::new() };
    let middle = between(lower, upper);
    let mut ranks = spread(lower, &middle, rest / 2);
    let after = spread(&middle, upper, rest - rest / 2);
    ranks.push(middle);
    ranks.extend(after);
    ranks
}

/// Returns a fraction between two. Without `upper`, it is between `lower` and one.
fn fraction_between(lower: &[u8], upper: Option<&[u8]>) -> String {
    let value = |digit: Option<&u8>| digit.and_then(|digit| DIGITS.iter().position(|one| one == digit)).unwrap_or(0);
    let mut fraction = String::new();
    let mut upper = upper;
    for place in 0.. {
        let low = value(lower.get(place));
        // The digit before which it must stay, unless an earlier digit is smaller already.
        let high = upper.map_or(DIGITS.len(), |upper| value(upper.get(place)));
        let digit = usize::midpoint(low, high);
        fraction.push(char::from(DIGITS[digit]));
        if digit > low {
            break;
        }
        if low < high {
            upper = None;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_rank(rank: &str) -> bool {
        let (number, fraction) = rank.split_at(NUMBER);
        number.bytes().all(|byte| byte.is_ascii_digit()) && !fraction.ends_with('0')
    }

    #[test]
    fn ranks_of_numbers_are_in_the_order_of_the_numbers() {
        assert_eq!(of_number(42), "0000000042");
        assert!(of_number(9) < of_number(10) && of_number(i32::MAX).len() == NUMBER);
    }

    #[test]
    fn a_rank_between_two_is_short() {
        let [one, two] = [1, 2].map(of_number);
        assert_eq!(between(&one, &two), "0000000001V");
        assert_eq!(between(&of_number(0), &one), "0000000000V");
        assert_eq!(between("0000000001V", "0000000001W"), "0000000001VV");
        assert_eq!(between("0000000001", "00000000011"), "00000000010V");
        assert_eq!(between("0000000001V", &two), "0000000001k");
        assert_eq!(between("0000000001", "000000000101"), "0000000001".to_owned() + "00V");
    }

    /// The worst case: each task is put directly before the one that was put last.
    #[test]
    fn about_five_hundred_ranks_fit_at_one_place() {
        for towards_lower in [true, false] {
            let (mut lower, mut upper, mut count) = (of_number(1), of_number(2), 0);
            loop {
                let middle = between(&lower, &upper);
                assert!(lower < middle && middle < upper);
                if middle.len() > MAX_LENGTH {
                    break;
                }
                *(if towards_lower { &mut upper } else { &mut lower }) = middle;
                count += 1;
            }
            assert!(count > 400, "{count}");
        }
    }

    proptest! {
        #[test]
        fn ranks_between_two_are_different_and_in_order(
            number in 0..3_i32,
            steps in proptest::collection::vec(any::<bool>(), 0..300),
            count in 0..40_usize,
        ) {
            let (mut lower, mut upper) = (of_number(number), of_number(number + 2));
            for up in steps {
                let middle = between(&lower, &upper);
                prop_assert!(lower < middle && middle < upper && is_rank(&middle), "{} < {} < {}", lower, middle, upper);
                *(if up { &mut lower } else { &mut upper }) = middle;
            }
            let ranks = spread(&lower, &upper, count);
            prop_assert_eq!(ranks.len(), count);
            let all: Vec<&String> = [&lower].into_iter().chain(&ranks).chain([&upper]).collect();
            prop_assert!(all.is_sorted_by(|one, other| one < other), "{:?}", all);
            let longest = lower.len().max(upper.len());
            prop_assert!(ranks.iter().all(|rank| is_rank(rank) && rank.len() <= longest + 2), "{:?}", ranks);
        }
    }
}
