/// Where the patches lie along one axis: the whole of the tiling problem in one dimension.
///
/// A ``PatchGrid`` is the product of three of these. Starts ascend, and all patches are equally
/// long (but the last one of ``EdgePolicy/partial``), so the patches that hold a voxel follow one
/// another.
public struct AxisTiling: Hashable, Sendable {
  /// Voxels of the image along the axis; at least 1.
  public let length: Int
  /// Voxels of a patch; less than asked for only where ``EdgePolicy/partial`` met a smaller image.
  public let patch: Int
  /// Voxels that two regular neighbors share.
  public let overlap: Int
  /// The first voxel of each patch, ascending; negative where the grid starts before the image.
  public let starts: [Int]
  /// Whether patches end with the image.
  package let isClipped: Bool

  /// The most voxels that an axis or a patch may have. No image comes near it; a damaged header might.
  package static let longest = Int(Int32.max)
  /// The most patches along one axis, so that their starts always fit in memory (128 MB).
  package static let maxPatches = 1 << 24

  /// Voxels from one regular start to the next: patch minus overlap, at least 1.
  public var stride: Int { patch - overlap }

  /// The number of patches along the axis.
  public var count: Int { starts.count }

  /// Solves the tiling of one axis.
  ///
  /// - Parameters:
  ///   - length: voxels of the image, at least 1.
  ///   - patch: voxels of a patch, at least 1.
  ///   - overlap: what neighbors share.
  ///   - edge: what happens where the patches do not fit.
  ///   - axis: the axis, for messages.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidGrid`` for a size below 1 or above 2147483647, an overlap out
  ///   of range, an image smaller than the patch where the policy neither pads nor shrinks, or more
  ///   patches than 16777216.
  /// - Complexity: O(number of patches).
  public init(
    length: Int, patch: Int, overlap: Overlap, edge: EdgePolicy, axis: Axis
  ) throws(VoxtileError) {
    try Self.check(length, of: "image", axis: axis)
    try Self.check(patch, of: "patch", axis: axis)
    let shared = try overlap.voxels(patch: patch, axis: axis)
    let stride = patch - shared

    guard length >= patch else {
      switch edge {
      case .shift, .discard, .balance:
        throw .patchExceedsImage(patch: patch, image: length, axis: axis)
      case .partial:
        self.init(
          length: length, patch: length, overlap: min(shared, length - 1), starts: [0], isClipped: true)
      case .pad(let sides):
        let start = sides == .both ? -((patch - length) / 2) : 0
        self.init(length: length, patch: patch, overlap: shared, starts: [start], isClipped: false)
      }
      return
    }

    let room = length - patch
    let fitting = room / stride + 1
    let covering = (room + stride - 1) / stride + 1
    guard covering <= Self.maxPatches else { throw .tooManyPatches(covering, stride: stride, axis: axis) }
    let starts: [Int]
    switch edge {
    case .discard:
      starts = (0..<fitting).map { $0 * stride }
    case .shift:
      starts = (0..<covering).map { min($0 * stride, room) }
    case .partial:
      starts = (0..<covering).map { $0 * stride }
    case .balance:
      starts = (0..<covering).map { k in
        covering == 1 ? 0 : roundedHalfToEven(k * room, over: covering - 1)
      }
    case .pad(let sides):
      let excess = (covering - 1) * stride - room
      let before = sides == .both ? excess / 2 : 0
      starts = (0..<covering).map { $0 * stride - before }
    }
    self.init(
      length: length, patch: patch, overlap: shared, starts: starts, isClipped: edge == .partial)
  }

  /// Takes starts as they are given, for a placement that no ``EdgePolicy`` describes.
  ///
  /// All patches are equally long; they may reach outside the image, where a ``Padding`` makes what is
  /// missing, and they may leave voxels between them.
  ///
  ///     try AxisTiling(length: 300, patch: 128, overlap: 64, starts: [0, 57, 115, 172], axis: .x)
  ///
  /// - Parameters:
  ///   - length: voxels of the image, at least 1.
  ///   - patch: voxels of a patch, at least 1.
  ///   - overlap: voxels that two regular neighbors share, at least 0 and less than `patch`. It is what
  ///     ``overlap`` and ``stride`` say; it places nothing.
  ///   - starts: the first voxel of each patch, each larger than the one before. Every patch holds at
  ///     least one voxel of the image.
  ///   - axis: the axis, for messages.
  /// - Throws: ``VoxtileError/Code-swift.struct/invalidGrid`` for a size below 1 or above 2147483647, an overlap out
  ///   of range, no start or more than 16777216, starts that do not ascend, or a patch that lies
  ///   outside the image.
  /// - Complexity: O(number of patches).
  public init(
    length: Int, patch: Int, overlap: Int, starts: [Int], axis: Axis
  ) throws(VoxtileError) {
    try Self.check(length, of: "image", axis: axis)
    try Self.check(patch, of: "patch", axis: axis)
    let shared = try Overlap.voxels(overlap).voxels(patch: patch, axis: axis)
    guard (1...Self.maxPatches).contains(starts.count) else {
      throw .startCountOutOfRange(starts.count, axis: axis)
    }
    for (index, start) in starts.enumerated() {
      guard start > -patch, start < length else {
        throw .patchOutsideImage(start: start, patch: patch, image: length, axis: axis)
      }
      guard index == 0 || starts[index - 1] < start else {
        throw .startsDoNotAscend(starts[index - 1], start, axis: axis)
      }
    }
    self.init(length: length, patch: patch, overlap: shared, starts: starts, isClipped: false)
  }

  /// Takes the starts of another tiling, scaled and rounded: several may be the same, and a patch may hold nothing of
  /// the image.
  ///
  /// - Parameter isClipped: whether patches end with the image.
  /// - Precondition: sizes are at least 1, the overlap is less than the patch, and starts do not descend.
  package init(
    length: Int, patch: Int, overlap: Int, roundedStarts starts: [Int], isClipped: Bool = false
  ) {
    precondition(
      length >= 1 && patch > overlap && overlap >= 0,
      "length \(length), patch \(patch), overlap \(overlap) are not the sizes of a tiling")
    precondition(zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }, "the starts descend")
    self.init(length: length, patch: patch, overlap: overlap, starts: starts, isClipped: isClipped)
  }

  private init(length: Int, patch: Int, overlap: Int, starts: [Int], isClipped: Bool) {
    self.length = length
    self.patch = patch
    self.overlap = overlap
    self.starts = starts
    self.isClipped = isClipped
  }

  /// Throws unless a size is one that an axis or a patch may have.
  package static func check(_ size: Int, of what: String, axis: Axis) throws(VoxtileError) {
    guard size >= 1 else { throw .emptySize(what, size, axis: axis) }
    guard size <= longest else { throw .hugeSize(what, size, axis: axis) }
  }

  /// The voxels of one patch, half-open; outside `0..<length` where the patch is padded.
  public func range(at index: Int) -> Range<Int> {
    let start = starts[index]
    return start..<(isClipped ? min(start + patch, length) : start + patch)
  }

  /// The voxels of one patch that the image really has.
  public func validRange(at index: Int) -> Range<Int> {
    range(at: index).clamped(to: 0..<length)
  }

  /// The patches that hold a voxel, as a range of indices; empty where none does.
  ///
  /// - Complexity: O(log of the number of patches).
  package func patches(covering voxel: Int) -> Range<Int> {
    let end = starts.indices.partitioningIndex { starts[$0] > voxel }
    let first = starts.indices.partitioningIndex { range(at: $0).upperBound > voxel }
    return first < end ? first..<end : end..<end
  }

  /// The number of patches that hold each voxel, `length` numbers.
  ///
  /// - Complexity: O(length + number of patches).
  package var counts: [Int] {
    var changes = [Int](repeating: 0, count: length + 1)
    for index in starts.indices {
      let range = validRange(at: index)
      changes[range.lowerBound] += 1
      changes[range.upperBound] -= 1
    }
    var running = 0
    return changes.dropLast().map { change in
      running += change
      return running
    }
  }

  /// The voxels that no patch holds, as ascending runs.
  ///
  /// - Complexity: O(number of patches).
  public var uncovered: [Range<Int>] {
    var runs: [Range<Int>] = []
    var reached = 0
    for index in starts.indices {
      let range = validRange(at: index)
      if range.lowerBound > reached { runs.append(reached..<range.lowerBound) }
      reached = max(reached, range.upperBound)
    }
    if reached < length { runs.append(reached..<length) }
    return runs
  }

  /// The number of voxels that some patch holds.
  package var coveredCount: Int { length - uncovered.reduce(0) { $0 + $1.count } }

  /// The voxels of all patches together, made-up ones included.
  package var patchVoxels: Int { starts.indices.reduce(0) { $0 + range(at: $1).count } }

  /// Made-up voxels before the first voxel of the image.
  public var paddingBefore: Int { max(0, -(starts.first ?? 0)) }

  /// Made-up voxels after the last voxel of the image.
  public var paddingAfter: Int { max(0, range(at: count - 1).upperBound - length) }
}

/// `numerator / denominator` to the nearest integer, ties to the even one.
private func roundedHalfToEven(_ numerator: Int, over denominator: Int) -> Int {
  let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
  let twice = 2 * remainder
  if twice == denominator { return quotient + quotient % 2 }
  return twice > denominator ? quotient + 1 : quotient
}

extension VoxtileError {
  static func emptySize(_ what: String, _ size: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid, "\(what) \(axis.sizeName) is \(size); it must be at least 1",
      context: .init(axis: axis, expected: ">= 1", found: "\(size)"))
  }

  static func hugeSize(_ what: String, _ size: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "\(what) \(axis.sizeName) is \(size); it must be at most \(AxisTiling.longest)",
      context: .init(axis: axis, expected: "<= \(AxisTiling.longest)", found: "\(size)"))
  }

  static func startCountOutOfRange(_ count: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "\(count) starts are given along \(axis); give at least 1 and at most \(AxisTiling.maxPatches)",
      context: .init(axis: axis, expected: "1...\(AxisTiling.maxPatches)", found: "\(count)"))
  }

  static func patchOutsideImage(start: Int, patch: Int, image: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "a patch of \(patch) that starts at \(axis) = \(start) holds no voxel of an image \(image) long; "
        + "give starts in \(1 - patch)...\(image - 1)",
      context: .init(axis: axis, expected: "\(1 - patch)...\(image - 1)", found: "\(start)"))
  }

  static func startsDoNotAscend(_ before: Int, _ start: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "the start \(start) along \(axis) follows \(before); give each start once, in ascending order",
      context: .init(axis: axis, expected: "> \(before)", found: "\(start)"))
  }

  static func tooManyPatches(_ count: Int, stride: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "a stride of \(stride) makes \(count) patches along \(axis), more than \(AxisTiling.maxPatches); "
        + "use a larger patch or a smaller overlap",
      context: .init(axis: axis, expected: "<= \(AxisTiling.maxPatches)", found: "\(count)"))
  }

  static func patchExceedsImage(patch: Int, image: Int, axis: Axis) -> VoxtileError {
    VoxtileError(
      .invalidGrid,
      "patch \(axis.sizeName) \(patch) exceeds image \(axis.sizeName) \(image)",
      remedy: .padOrShrinkPatch(axis: axis, largest: image),
      context: .init(axis: axis, expected: "<= \(image)", found: "\(patch)"))
  }
}
