import Synchronization

/// The numbers that the objects of patches have in the whole image.
///
/// It is made by an ``InstanceMatcher``. Patches with the numbers of ``renumbered(_:of:)`` can be merged by ``Blend/center``;
/// ``numberInOrder(_:)`` then numbers the objects from 1 in the order of their first voxels, so that nothing depends on the
/// order of the patches, or on the numbers that they gave.
///
/// It holds up to 64 bytes for each object of a patch.
public final class InstanceNumbering: Sendable {
  /// The grid of the patches.
  public let grid: PatchGrid
  private let settings: InstanceSettings
  private let unjoinedPairs: Int
  /// How many objects were found in several patches, and how many sets they make.
  private let (joinedObjects, joinedSets): (Int, Int)
  private let state: Mutex<State>

  fileprivate struct State: Sendable {
    /// For each patch that is not done, its labels' numbers.
    var numbers: [Int: [Int: UInt32]]
    /// How many numbers there are.
    var count: Int
    /// For each number, from 1 on, the one that it has in the image; 0 while it has none.
    var inOrder: [UInt32] = []
    /// How many numbers of the image have been given.
    var givenCount = 0
    /// How many of them went to objects of several patches.
    var givenToJoinedCount = 0
  }

  init(grid: PatchGrid, sets: InstanceSets, settings: InstanceSettings, unjoinedPairs: Int) {
    self.grid = grid
    self.settings = settings
    self.unjoinedPairs = unjoinedPairs
    (joinedObjects, joinedSets) = (sets.count, sets.setCount)
    state = Mutex(State(numbers: sets.setNumbers(), count: sets.count))
  }

  /// A patch with one number for each object, the same one in all patches that have the object.
  ///
  /// The numbers are not yet those of the image, and differ from run to run. Made-up voxels become background.
  ///
  /// - Parameters:
  ///   - volume: the patch as the matcher has seen it.
  ///   - patch: the patch of ``grid``; each is to be asked for once.
  /// - Throws: ``VoxtileError/Code-swift.struct/shapeMismatch`` and ``VoxtileError/Code-swift.struct/typeMismatch`` where the matcher would
  ///   throw them, ``VoxtileError/Code-swift.struct/memoryTooLow`` where the tables become larger than allowed.
  /// - Complexity: O(voxels of the patch).
  public func renumbered(_ volume: some AnyVolume, of patch: Patch) throws(VoxtileError) -> Volume<UInt32> {
    guard volume.extent == patch.region.extent else {
      throw VoxtileError(
        .shapeMismatch,
        "patch \(patch.index) should be \(patch.region.extent) voxels, but it is \(volume.extent)",
        context: .init(expected: "\(patch.region.extent)", found: "\(volume.extent)"))
    }
    return try renumbered(volume, of: patch, from: .zero)
  }

  /// A part of a patch with one number for each object. Parts of a patch come in the order of its voxels.
  ///
  /// - Parameter origin: the voxel of the patch at which the volume starts.
  package func renumbered(
    _ volume: some AnyVolume, of patch: Patch, from origin: Position
  ) throws(VoxtileError) -> Volume<UInt32> {
    let volume = volume.typed
    let part = Region(origin: origin, extent: volume.extent).intersection(patch.validInPatch)
    let region = Region(origin: part.origin - origin, extent: part.extent)
    try volume.checkInstances(of: patch, in: region)
    var result = Volume<UInt32>(extent: volume.extent, repeating: 0)
    result.metadata = volume.metadata
    var numbers = state.withLock { $0.numbers.removeValue(forKey: patch.index) } ?? [:]
    for z in region.z {
      for y in region.y {
        let start = (z * volume.extent.height + y) * volume.extent.width + region.x.lowerBound
        let range = start..<start + region.x.count
        var span = result.voxels.mutableSpan
        var target = span._mutatingExtracting(range)
        try renumber(volume.voxels.span.extracting(range), to: &target) { label throws(VoxtileError) in
          if let number = numbers[label] { return number }
          let number = try takeNumber()
          numbers[label] = number
          return number
        }
      }
    }
    let isDone =
      part.z.upperBound == patch.validInPatch.z.upperBound
      && part.y.upperBound == patch.validInPatch.y.upperBound
    if !isDone { state.withLock { $0.numbers[patch.index] = numbers } }
    return result
  }

  /// A number for an object that no other patch has.
  private func takeNumber() throws(VoxtileError) -> UInt32 {
    try state.withLock { state throws(VoxtileError) in
      guard state.count < Int(UInt32.max) - 1 else { throw .tooManyInstances }
      state.count += 1
      if let limit = settings.tableBytes, state.count * InstanceSets.bytesPerObject > limit {
        throw .tooManyObjects(bytes: state.count * InstanceSets.bytesPerObject, limit: limit)
      }
      return UInt32(state.count)
    }
  }

  /// Gives the objects of the image their final numbers: from 1, in the order of their first voxels.
  ///
  /// - Parameter slab: the image, or the next part of it in the order of its voxels, merged from renumbered patches.
  /// - Complexity: O(voxels of the slab).
  public func numberInOrder(_ slab: inout Volume<UInt32>) {
    state.withLock { state in
      state.inOrder.append(
        contentsOf: repeatElement(0, count: max(0, state.count + 1 - state.inOrder.count)))
      var last: (number: UInt32, inOrder: UInt32) = (0, 0)
      var span = slab.voxels.mutableSpan
      for index in span.indices where span[index] != 0 {
        let number = span[index]
        if number != last.number { last = (number, state.numberInOrder(number, joinedCount: joinedObjects)) }
        span[index] = last.inOrder
      }
    }
  }

  /// What was found, after all patches and the whole image have been numbered.
  public var report: InstanceReport {
    state.withLock { state in
      let separate = state.count - joinedObjects
      return InstanceReport(
        leastIoU: settings.leastIoU, instanceCount: state.givenCount,
        joinedInstanceCount: state.givenToJoinedCount, objectCount: state.count,
        lostObjectCount: joinedSets + separate - state.givenCount, unjoinedPairCount: unjoinedPairs,
        axesWithoutOverlap: grid.axesWithoutOverlap)
    }
  }
}

extension InstanceNumbering.State {
  /// The number in the image, which is the next one where it has none.
  fileprivate mutating func numberInOrder(_ number: UInt32, joinedCount: Int) -> UInt32 {
    if inOrder[Int(number)] == 0 {
      givenCount += 1
      if Int(number) <= joinedCount { givenToJoinedCount += 1 }
      inOrder[Int(number)] = UInt32(givenCount)
    }
    return inOrder[Int(number)]
  }
}
