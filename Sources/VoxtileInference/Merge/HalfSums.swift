import Voxtile

/// How sums of half precision are kept, as nnU-Net has them (``Compatibility/nnUNetHalf``).
///
/// Each sum is rounded after each patch, so that the order of the patches counts: it is that of the network's axes. Where a scan is
/// stored so that its patches come in another order, what they add to a voxel stays apart, in slots, until the voxel is final. The
/// networks of an ensemble are summed each by itself, and then their values.
struct HalfSums: Hashable, Sendable {
  /// The networks that are summed by themselves.
  let networks: Int
  /// The patches of a voxel that are kept apart along each axis; 1 along all axes where they come in the network's order.
  let slots: PerAxis<Int>
  /// The axes of the stored image in the network's order, slowest first.
  private let steps: [Step]
  private let axes: PerAxis<AxisTiling>

  private struct Step: Hashable {
    let axis: Axis
    let isReversed: Bool
  }

  /// - Parameters:
  ///   - grid: the patches over the stored image.
  ///   - frame: how the network's image lies in it.
  ///   - networks: the networks that are summed by themselves.
  init(_ grid: PatchGrid, frame: ModelFrame, networks: Int) {
    self.networks = networks
    axes = grid.axes
    // A network that sees slices sees one after another.
    let order = frame.dimensions.count == 3 ? frame.dimensions : [.z] + frame.dimensions
    steps = order.map { Step(axis: frame.axes[$0], isReversed: frame.isFlipped[$0]) }
    let covers = grid.axes.map { max(1, $1.counts.max() ?? 1) }
    let shared = steps.filter { covers[$0.axis] > 1 }
    let stored = [Axis.z, .y, .x].filter { covers[$0] > 1 }
    let isInOrder = shared.map(\.axis) == stored && !shared.contains(where: \.isReversed)
    slots = isInOrder ? PerAxis(1) : covers
  }

  /// The slots of a voxel.
  var slotCount: Int { slots.x * slots.y * slots.z }

  /// Whether sums are rounded as patches come.
  var isInOrder: Bool { slotCount == 1 }

  /// The numbers that are kept of a voxel, with `channels` values of all networks together: values and a weight in each slot.
  func planes(channels: Int) -> Int { slotCount * (channels + 1) }

  /// The slot of a patch: no other patch over one of its voxels has the same.
  func slot(of patch: Patch) -> Int {
    let place = patch.gridPosition
    return slot(x: place.x % slots.x, y: place.y % slots.y, z: place.z % slots.z)
  }

  private func slot(x: Int, y: Int, z: Int) -> Int { (z * slots.y + y) * slots.x + x }

  /// Where the slots of each voxel begin, in the network's order, as a sum of three numbers: of the slowest, the next, the fastest axis.
  ///
  /// - Parameter planes: from the first number of a slot to that of the next one.
  func order(planes: Int) -> [(axis: Axis, offsets: [[Int]])] {
    steps.map { step in
      var offsets = [[Int]](repeating: isInOrder ? [0] : [], count: axes[step.axis].length)
      guard !isInOrder else { return (step.axis, offsets) }
      let tiling = axes[step.axis]
      for index in 0..<tiling.count {
        var place = PerAxis(0)
        place[step.axis] = index % slots[step.axis]
        let offset = slot(x: place.x, y: place.y, z: place.z) * planes
        for voxel in tiling.range(at: index).clamped(to: 0..<tiling.length) { offsets[voxel].append(offset) }
      }
      return (step.axis, step.isReversed ? offsets.map { $0.reversed() } : offsets)
    }
  }
}

/// Adds values times their weights to their sums.
///
/// - Parameters:
///   - isHalf: whether each sum is rounded to half precision.
///   - set: the column from which on sums are set as if they had been 0; none where sums are rounded.
/// - Returns: whether all values are finite, where sums are not rounded.
func addWeighted(
  _ block: WeightedBlock, of values: Span<Float>, columns: Span<Float>, rows: Span<Float>,
  inHalf isHalf: Bool, settingFrom set: Int, to sums: inout MutableSpan<Float>
) -> Bool {
  guard isHalf else {
    let areAddedFinite = addWeighted(
      block.columns(0..<set), of: values, columns: columns, rows: rows, to: &sums)
    guard set < block.count else { return areAddedFinite }
    var rest = sums._mutatingExtracting(set..<sums.count)
    let areSetFinite = addWeighted(
      block.columns(set..<block.count), of: values, columns: columns, rows: rows, setting: true, to: &rest)
    return areAddedFinite && areSetFinite
  }
  for row in 0..<block.rows {
    let share = block.shareStart + row * block.shareStride
    let weights = columns.extracting(share..<share + block.count)
    let target = row * block.targetStride
    var line = sums._mutatingExtracting(target..<target + block.count)
    let factor = rows[row]
    let source = block.source + row * block.sourceStride
    let part = values.extracting(source..<source + block.count)
    for index in 0..<line.count {
      line[index] = roundedToHalf(line[index] + part[index] * (weights[index] * factor))
    }
  }
  return true
}

/// Adds weights to their sums.
///
/// - Parameter isHalf: whether each sum is rounded to half precision.
func addWeights(
  _ block: WeightedBlock, columns: Span<Float>, rows: Span<Float>, inHalf isHalf: Bool,
  to sums: inout MutableSpan<Float>
) {
  guard isHalf else { return addWeights(block, columns: columns, rows: rows, to: &sums) }
  for row in 0..<block.rows {
    let share = block.shareStart + row * block.shareStride
    let weights = columns.extracting(share..<share + block.count)
    let target = row * block.targetStride
    var line = sums._mutatingExtracting(target..<target + block.count)
    let factor = rows[row]
    for index in 0..<line.count { line[index] = roundedToHalf(line[index] + weights[index] * factor) }
  }
}

/// Makes the values of finished voxels of their sums.
struct HalfSettling: Sendable {
  private let networks: Int
  /// The values of all networks, and those of one.
  private let channels: Int
  private let own: Int
  private let isInOrder: Bool
  private let order: [(axis: Axis, offsets: [[Int]])]

  /// - Parameters:
  ///   - channels: the values of all networks together.
  ///   - stride: from one plane of sums to the next.
  init(_ half: HalfSums, channels: Int, stride: Int) {
    networks = half.networks
    self.channels = channels
    own = channels / half.networks
    isInOrder = half.isInOrder
    order = half.order(planes: (channels + 1) * stride)
  }

  /// Puts the values of a line, rounded to half precision, where the sums of the first ones are, and 1 where their weights are.
  ///
  /// - Parameters:
  ///   - sums: from the first sum of the line on.
  ///   - stride: from one plane to the next.
  /// - Returns: whether all values are finite.
  func settle(_ sums: inout MutableSpan<Float>, width: Int, stride: Int, y: Int, z: Int) -> Bool {
    var isFinite = true
    var slots: [Int] = []
    var results = [Float](repeating: 0, count: own)
    for x in 0..<width {
      slots.removeAll(keepingCapacity: true)
      if isInOrder {
        slots.append(x)
      } else {
        let place = PerAxis(x: x, y: y, z: z)
        let lists = order.map { $0.offsets[place[$0.axis]] }
        for slow in lists[0] {
          for middle in lists[1] { for fast in lists[2] { slots.append(slow + middle + fast + x) } }
        }
      }
      var weight: Float = 0
      for slot in slots { weight = roundedToHalf(weight + sums[slot + channels * stride]) }
      guard weight > 0 else {
        sums[own * stride + x] = 0
        continue
      }
      for channel in 0..<own {
        var mean: Float = 0
        for network in 0..<networks {
          let plane = (network * own + channel) * stride
          var sum: Float = 0
          for slot in slots { sum = roundedToHalf(sum + sums[slot + plane]) }
          let value = roundedToHalf(sum / weight)
          mean = network == 0 ? value : roundedToHalf(mean + value)
        }
        results[channel] = networks == 1 ? mean : roundedToHalf(mean / Float(networks))
        if !results[channel].isFinite { isFinite = false }
      }
      for channel in 0..<own { sums[channel * stride + x] = results[channel] }
      sums[own * stride + x] = 1
    }
    return isFinite
  }
}

extension VoxtileError {
  static var beyondHalf: VoxtileError {
    VoxtileError(
      .predictionFailed,
      "the weighted sums of what the model gave are beyond 65504, the largest number of half precision; nnU-Net itself stops there, too, "
        + "so sum in single precision",
      context: .init(expected: "<= 65504", found: "infinity"))
  }
}
