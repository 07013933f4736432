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
  /// The values of the volume, where the result goes to one.
  private var voxels: [Scalar] = []
  private var metadata: VolumeMetadata?
  private var hasFailed = false
  /// Whether patches that are merged are kept, so that their memory can take others.
  private var keepsSpent = false

  /// - Parameter metadata: where the image lies; `nil` where the patches say so.
  init(plan: MergePlan, sink: MergeSink<Scalar>, metadata: VolumeMetadata?) {
    self.plan = plan
    self.sink = sink
    self.metadata = metadata
    held = HeldPatches(of: plan.grid, settings: plan.settings)
  }

  /// Takes one patch, and merges the slices that it completes.
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
    let slices = held.readySlices
    guard !slices.isEmpty, let type = held.scalarType?.type else { return }
    do {
      try merge(slices, of: type)
    } catch {
      hasFailed = true
      throw error
    }
    held.didMerge(slices, keepingMemory: keepsSpent)
  }

  /// A patch that is merged, whose memory can take another one. From the first call on they are kept for that.
  mutating func takeSpent<Value: VoxelScalar>() -> Volume<Value>? {
    keepsSpent = true
    return held.takeSpent()
  }

  /// Merges slices of which all patches are there.
  private mutating func merge<Value: VoxelScalar>(_ slices: Range<Int>, of type: Value.Type) throws {
    let extent = plan.grid.extent
    let channels = held.channels ?? 1
    let region = Region(x: 0..<extent.width, y: 0..<extent.height, z: slices)
    let gather = Gather<Value, Scalar>(held.parts(of: type), plan: plan)
    switch sink {
    case .volume:
      if voxels.isEmpty { voxels = [Scalar](unsetCount: extent.voxelCount * channels) }
      voxels.withUnsafeMutableBufferPointer {
        gather.merge(region, channels: channels, into: DisjointOutput($0), firstSlice: 0)
      }
    case .slabs(let output):
      try output(PlacedVolume(region: region, volume: gather.volume(of: region, channels: channels)))
    case .memory(let memory, _):
      gather.merge(region, channels: channels, into: memory, firstSlice: 0)
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
        merge(region, channels: channels, into: DisjointOutput($0), firstSlice: region.z.lowerBound)
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
