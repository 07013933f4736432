import Voxtile

/// Whether integer values look like labels.
///
/// Labels come in regions: nearly every voxel that is not background has the value of its neighbour. In a
/// scan noise sees to it that it rarely has. Both kinds of mistakes are possible, but a label map taken
/// for a scan is averaged into labels that nobody drew, so in doubt values are labels.
struct LabelTest {
  private(set) var pairs = 0
  private(set) var equalPairs = 0

  /// Whether enough has been seen to decide.
  var isDecided: Bool { pairs >= 1 << 16 }

  /// Whether the values seen so far look like labels.
  var looksLikeLabels: Bool { 2 * equalPairs >= pairs }

  /// Looks at the neighbours along x in a volume, background (0) left out.
  mutating func add(_ volume: Volume<some VoxelScalar>) {
    let width = volume.extent.width
    for start in stride(from: 0, to: volume.voxels.count, by: width) {
      for index in start..<start + width - 1 where volume.voxels[index] != 0 {
        pairs += 1
        if volume.voxels[index] == volume.voxels[index + 1] { equalPairs += 1 }
      }
    }
  }
}
