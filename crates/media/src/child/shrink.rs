//! Shrinks an image while it arrives row by row, so that only the small result is ever in memory.
//! Each result pixel is the exact area average of the source below it, colours weighted by alpha.

use crate::types::Dimensions;

/// Takes the rows of a `from`-sized image and builds the `to`-sized one. `to` is at most `from` on
/// both sides. Pixels are `CHANNELS` bytes: RGB or RGBA.
pub(super) struct Shrinker<const CHANNELS: usize> {
    from: Dimensions,
    to: Dimensions,
    /// One source row, shrunk sideways.
    row: Vec<[u64; CHANNELS]>,
    /// The result row under construction.
    sum: Vec<[u64; CHANNELS]>,
    /// How much of the result row is still to come, in units of 1/`to.height` source rows.
    missing: u64,
    pixels: Vec<u8>,
}

impl<const CHANNELS: usize> Shrinker<CHANNELS> {
    pub(super) fn new(from: Dimensions, to: Dimensions) -> Self {
        let to = Dimensions { width: to.width.min(from.width), height: to.height.min(from.height) };
        let width = to.width as usize;
        Self {
            from,
            to,
            row: vec![[0; CHANNELS]; width],
            sum: vec![[0; CHANNELS]; width],
            missing: u64::from(from.height),
            pixels: Vec::with_capacity(width * to.height as usize * CHANNELS),
        }
    }

    /// Takes the next row, `from.width` pixels. Rows beyond the last are ignored.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.from == self.to {
            self.pixels.extend_from_slice(row);
            return;
        }
        self.shrink_sideways(row);
        let mut weight = u64::from(self.to.height);
        while weight > 0 && self.pixels.len() < self.pixels.capacity() {
            let share = weight.min(self.missing);
            for (sum, value) in self.sum.iter_mut().zip(&self.row) {
                for (sum, value) in sum.iter_mut().zip(value) {
                    *sum += value * share;
                }
            }
            weight -= share;
            self.missing -= share;
            if self.missing == 0 {
                self.finish_row();
            }
        }
    }

    /// The finished pixels; `None` when rows were missing.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        let expected = self.to.width as usize * self.to.height as usize * CHANNELS;
        (self.pixels.len() == expected).then_some(self.pixels)
    }

    fn shrink_sideways(&mut self, row: &[u8]) {
        let (from_width, to_width) = (u64::from(self.from.width), u64::from(self.to.width));
        let mut source = row.chunks_exact(CHANNELS).map(weighted::<CHANNELS>);
        let mut pixel = [0; CHANNELS];
        // How much of the present source pixel is unused, in units of 1/`to_width` pixels.
        let mut unused = 0;
        for target in &mut self.row {
            let mut sum = [0; CHANNELS];
            let mut missing = from_width;
            while missing > 0 {
                if unused == 0 {
                    pixel = source.next().unwrap_or([0; CHANNELS]);
                    unused = to_width;
                }
                let share = unused.min(missing);
                for (sum, value) in sum.iter_mut().zip(&pixel) {
                    *sum += value * share;
                }
                unused -= share;
                missing -= share;
            }
            *target = sum;
        }
    }

    fn finish_row(&mut self) {
        let area = self.from.area();
        for sum in &mut self.sum {
            self.pixels.extend(unweighted(sum, area));
            *sum = [0; CHANNELS];
        }
        self.missing = u64::from(self.from.height);
    }
}

/// Colours times alpha, so that invisible pixels add no colour. RGB stays as it is.
fn weighted<const CHANNELS: usize>(pixel: &[u8]) -> [u64; CHANNELS] {
    let alpha = pixel.get(3).copied().map_or(1, u64::from);
    let mut result = [0; CHANNELS];
    for (index, (result, value)) in result.iter_mut().zip(pixel).enumerate() {
        *result = u64::from(*value) * if index == 3 { 1 } else { alpha };
    }
    result
}

fn unweighted<const CHANNELS: usize>(sum: &[u64; CHANNELS], area: u64) -> [u8; CHANNELS] {
    let alpha = sum.get(3).copied();
    let mut result = [0; CHANNELS];
    for (index, (result, value)) in result.iter_mut().zip(sum).enumerate() {
        let divisor = if index == 3 { area } else { alpha.unwrap_or(area) }.max(1);
        *result = u8::try_from((value + divisor / 2) / divisor).unwrap_or(u8::MAX);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrink<const CHANNELS: usize>(
        (from_width, from_height): (u32, u32),
        (width, height): (u32, u32),
        pixels: &[u8],
    ) -> Vec<u8> {
        let from = Dimensions { width: from_width, height: from_height };
        let mut shrinker = Shrinker::<CHANNELS>::new(from, Dimensions { width, height });
        for row in pixels.chunks(from_width as usize * CHANNELS) {
            shrinker.push(row);
        }
        shrinker.finish().unwrap()
    }

    #[test]
    fn averages_are_exact_for_odd_ratios() {
        // Three columns into two: the middle one is shared.
        let row = [0, 0, 0, 90, 90, 90, 240, 240, 240];
        assert_eq!(shrink::<3>((3, 1), (2, 1), &row), [30, 30, 30, 190, 190, 190]);
        let column = [0, 0, 0, 90, 90, 90, 240, 240, 240];
        assert_eq!(shrink::<3>((1, 3), (1, 2), &column), [30, 30, 30, 190, 190, 190]);
        let flat = vec![77; 17 * 13 * 3];
        assert!(shrink::<3>((17, 13), (5, 4), &flat).iter().all(|value| *value == 77));
        assert_eq!(shrink::<3>((17, 13), (5, 4), &flat).len(), 5 * 4 * 3);
    }

    #[test]
    fn invisible_pixels_add_no_colour() {
        let row = [200, 100, 50, 255, 0, 255, 0, 0];
        assert_eq!(shrink::<4>((2, 1), (1, 1), &row), [200, 100, 50, 128]);
        assert_eq!(shrink::<4>((2, 1), (1, 1), &[9; 8]), [9; 4]);
        assert_eq!(shrink::<4>((2, 1), (1, 1), &[0; 8]), [0; 4]);
    }

    #[test]
    fn missing_rows_are_noticed_and_surplus_rows_ignored() {
        let size = Dimensions { width: 1, height: 4 };
        let mut shrinker = Shrinker::<3>::new(size, Dimensions { width: 1, height: 2 });
        for _ in 0..3 {
            shrinker.push(&[1, 2, 3]);
        }
        assert!(shrinker.finish().is_none());
        let rows = [1, 2, 3].repeat(9);
        let mut shrinker = Shrinker::<3>::new(size, Dimensions { width: 1, height: 2 });
        rows.chunks(3).for_each(|row| shrinker.push(row));
        assert_eq!(shrinker.finish().unwrap(), [1, 2, 3, 1, 2, 3]);
    }
}
