/// Where the finished slices of a merge go.
enum MergeSink<Scalar: VoxelScalar>: Sendable {
  /// To a volume in memory, which is made when the first slices are finished.
  case volume
  /// To whom takes them, slab by slab.
  case slabs(@Sendable (PlacedVolume<Scalar>) throws -> Void)
  /// To memory of the caller's, for a whole result of so many channels.
  case memory(DisjointOutput<Scalar>, channels: Int)
}

/// A merge that is going on: the patches at hand, and what has become of finished slices.
struct MergeState<Scalar: VoxelScalar> {
  private let plan: MergePlan
  private let sink: MergeSink<Scalar>
  private var held: HeldPatches
  /// The values of the volume or of the slab that is being merged, where the result goes to one.
  private var voxels: [Scalar] = []
  private var metadata: VolumeMetadata?
  private var hasFailed = false
  /// Whether patches that are merged are kept, so that their memory can take others.
  private var keepsSpent = false

  /// The fewest voxels that are merged before their slices are complete.
  private let leastVoxels: Int

  /// - Parameters:
  ///   - metadata: where the image lies; `nil` where the patches say so.
  ///   - leastVoxels: the fewest voxels that are merged before their slices are complete.
  init(plan: MergePlan, sink: MergeSink<Scalar>, metadata: VolumeMetadata?, leastVoxels: Int) {
    self.leastVoxels = leastVoxels
    self.plan = plan
    self.sink = sink
    self.metadata = metadata
    held = HeldPatches(of: plan.grid, settings: plan.settings)
  }

  /// Takes one patch, and merges what it completes.
  mutating func add(_ volume: some AnyVolume, at patch: Patch) throws {
    if hasFailed { throw VoxtileError.mergerFailed }
    if case .memory(_, let channels) = sink, channels != volume.channels {
      throw VoxtileError(
        .shapeMismatch,
        "patch \(patch.index) has \(volume.channels) channels, but there is memory for \(channels)",
        context: .init(expected: "\(channels)", found: "\(volume.channels)"))
    }
    try held.add(volume, at: patch)
    metadata = metadata ?? volume.metadata.ofImage(whosePartStartsAt: patch.region.origin)
    guard let type = held.scalarType?.type else { return }
    while let box = held.readyBox(ofAtLeast: leastVoxels) {
      do {
        try merge(box, of: type)
      } catch {
        hasFailed = true
        throw error
      }
      held.didMerge(box, keepingMemory: keepsSpent)
    }
  }

  /// A patch that is merged, whose memory can take another one. From the first call on they are kept for that.
  mutating func takeSpent<Value: VoxelScalar>() -> Volume<Value>? {
    keepsSpent = true
    return held.takeSpent()
  }

  /// Merges whole slices of which all patches are there, or some of their rows.
  private mutating func merge<Value: VoxelScalar>(_ box: Region, of type: Value.Type) throws {
    let extent = plan.grid.extent
    let image = Region(extent)
    let channels = held.channels ?? 1
    let gather = Gather<Value, Scalar>(held.parts(of: type, over: box), plan: plan)
    /// Merges into the values of the volume or of the slab.
    func mergeVoxels(of whole: Region) {
      if voxels.isEmpty { voxels = [Scalar](unsetCount: whole.voxelCount * channels) }
      voxels.withUnsafeMutableBufferPointer {
        gather.merge(box, channels: channels, into: DisjointOutput($0), of: whole)
      }
    }
    switch sink {
    case .volume: mergeVoxels(of: image)
    case .slabs(let output):
      // A slab may be filled some rows at a time.
      let slab = Region(x: image.x, y: image.y, z: box.z)
      mergeVoxels(of: slab)
      guard box.y.upperBound == extent.height else { return }
      let values = voxels
      voxels = []
      try output(
        PlacedVolume(
          region: slab,
          volume: Volume(
            checked: slab.extent, channels: channels, voxels: values, metadata: VolumeMetadata())))
    case .memory(let memory, _): gather.merge(box, channels: channels, into: memory, of: image)
    }
  }

  /// Makes sure that every patch has come and none has failed.
  func checkComplete() throws(VoxtileError) {
    if hasFailed { throw .mergerFailed }
    try held.checkComplete()
  }

  /// The merged volume; it can be taken once.
  mutating func takeVolume() -> Volume<Scalar> {
    defer { voxels = [] }
    return Volume(
      checked: plan.grid.extent, channels: held.channels ?? 1, voxels: voxels,
      metadata: metadata ?? VolumeMetadata())
  }
}

extension Gather {
  /// One box of the result, in a volume of its own.
  func volume(of region: Region, channels: Int) -> Volume<Scalar> {
    var voxels = [Scalar](unsetCount: region.voxelCount * channels)
    if !voxels.isEmpty {
      voxels.withUnsafeMutableBufferPointer {
        merge(region, channels: channels, into: DisjointOutput($0), of: region)
      }
    }
    return Volume(checked: region.extent, channels: channels, voxels: voxels, metadata: VolumeMetadata())
  }
}

extension VoxtileError {
  static var mergerFailed: VoxtileError {
    VoxtileError(.mergerFinished, "an earlier slab could not be written; start another merge")
  }
}
