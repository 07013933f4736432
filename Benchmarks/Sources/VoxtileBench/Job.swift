import Voxtile

/// A task with its input in memory, which can be run repeatedly.
protocol Job: AnyObject {
  /// The sizes of the input and output.
  var sizes: Reply { get }
  /// Does the work once.
  func run() throws
  /// Frees the result.
  func drop()
  /// Reads the same input and writes as many bytes, without any other work.
  func runFloor(threads: Int) throws
  /// Compares the result with the expected values.
  func check() throws -> Reply
}

/// Creates the job that a task describes.
func makeJob(_ task: TaskDescription) throws -> any Job {
  func make<Scalar: VoxelScalar>(_ type: Scalar.Type) throws -> any Job {
    let grid = try task.grid()
    let volume = try noise(over: grid.extent, channels: task.channels, as: Scalar.self)
    switch task.work {
    case .crop: return CropJob(volume: volume, grid: grid, jobs: Jobs(task.jobs))
    case .merge:
      return try MergeJob(
        volume: volume, patches: grid.map { dissenting(volume[$0], number: $0.index, oneIn: task.oneIn) },
        grid: grid, blend: task.namedBlend(),
        jobs: Jobs(task.jobs), keepsMemory: task.keepsMemory ?? false)
    case .roundtrip:
      return try MergeJob(
        volume: volume, patches: nil, grid: grid, blend: task.namedBlend(), jobs: Jobs(task.jobs),
        keepsMemory: task.keepsMemory ?? false)
    }
  }
  return try make(task.type.type)
}

/// A patch of which some values, spread over it, are others.
private func dissenting<Scalar: VoxelScalar>(
  _ patch: Volume<Scalar>, number: Int, oneIn step: Int?
) -> Volume<Scalar> {
  guard let step else { return patch }
  var patch = patch
  var state = UInt64(number)
  for index in patch.voxels.indices {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    if Int(state >> 40) % step == 0 { patch.voxels[index] = Scalar(nearest: Double(state >> 61)) }
  }
  return patch
}

/// Cuts all patches into one array.
final class CropJob<Scalar: VoxelScalar>: Job {
  private let volume: Volume<Scalar>
  private let grid: PatchGrid
  private let jobs: Jobs
  private var result: PatchArray<Scalar>?

  init(volume: Volume<Scalar>, grid: PatchGrid, jobs: Jobs) {
    self.volume = volume
    self.grid = grid
    self.jobs = jobs
  }

  var sizes: Reply { Reply(of: volume, grid) }

  func run() throws { result = try volume.patches(of: grid, jobs: jobs) }

  func drop() { result = nil }

  func runFloor(threads: Int) throws {
    try MemoryFloor.run([volume], writing: sizes.patchBytes ?? 0, threads: threads)
  }

  func check() throws -> Reply {
    guard let result else { throw RequestError("the task has not been run") }
    var wrong = 0
    for (index, patch) in grid.enumerated() {
      let cut = result[index]
      // Voxels along the diagonal, read one by one so that no kernel is involved.
      let size = patch.region.extent
      let origin = patch.region.origin
      for step in 0..<64 {
        let (x, y, z) = (
          step * (size.width - 1) / 63, step * (size.height - 1) / 63, step * (size.depth - 1) / 63
        )
        for channel in 0..<volume.channels {
          let expected = volume[x: origin.x + x, y: origin.y + y, z: origin.z + z, channel: channel]
          if cut[x: x, y: y, z: z, channel: channel] != expected { wrong += 1 }
        }
      }
    }
    return Reply(wrong: wrong, worst: 0)
  }
}

/// Merges patches that are in memory, or else crops and merges one patch after another.
final class MergeJob<Scalar: VoxelScalar>: Job {
  private let volume: Volume<Scalar>
  private let patches: [Volume<Scalar>]?
  private let grid: PatchGrid
  private let blend: Blend
  private let jobs: Jobs
  private var result: Volume<Scalar>?
  /// The memory of the result, where each run uses the same.
  private var memory: [Scalar]

  init(
    volume: Volume<Scalar>, patches: [Volume<Scalar>]?, grid: PatchGrid, blend: Blend, jobs: Jobs,
    keepsMemory: Bool
  ) {
    memory = keepsMemory ? [Scalar](repeating: 1, count: volume.voxels.count) : []
    self.volume = volume
    self.patches = patches
    self.grid = grid
    self.blend = blend
    self.jobs = jobs
  }

  var sizes: Reply { Reply(of: volume, grid) }

  func run() throws {
    let settings = MergeSettings(blend: blend, jobs: jobs)
    if memory.isEmpty {
      let merger = try PatchMerger<Scalar>(grid: grid, settings: settings)
      for patch in grid { try merger.add(values(of: patch, spent: merger.takeSpent()), at: patch) }
      result = try merger.finish()
    } else {
      try memory.withUnsafeMutableBufferPointer { memory in
        let merger = try MemoryMerger<Scalar>(
          grid: grid, settings: settings, channels: volume.channels, into: memory)
        for patch in grid { try merger.add(values(of: patch, spent: merger.takeSpent()), at: patch) }
        try merger.checkComplete()
      }
    }
  }

  private func values(of patch: Patch, spent: consuming Volume<Scalar>?) -> Volume<Scalar> {
    if let patches { return patches[patch.index] }
    return volume.cut(patch, reusing: spent)
  }

  func drop() { result = nil }

  func runFloor(threads: Int) throws {
    let read = patches ?? [volume]
    if memory.isEmpty {
      try MemoryFloor.run(read, writing: sizes.volumeBytes ?? 0, threads: threads)
    } else {
      memory.withUnsafeMutableBytes { MemoryFloor.run(read, into: $0, threads: threads) }
    }
  }

  func check() throws -> Reply {
    let found = memory.isEmpty ? result?.voxels : memory
    guard let found else { throw RequestError("the task has not been run") }
    let coverage = grid.coverage
    var wrong = 0
    var worst = 0.0
    var index = 0
    for _ in 0..<volume.channels {
      for z in coverage.counts.z {
        for y in coverage.counts.y {
          for x in coverage.counts.x {
            let expected = x * y * z > 0 ? volume.voxels[index] : 0
            if found[index] != expected {
              wrong += 1
              worst = max(worst, abs(found[index].double - expected.double))
            }
            index += 1
          }
        }
      }
    }
    return Reply(wrong: wrong, worst: worst)
  }
}

extension Reply {
  /// The sizes of a volume and its patches.
  fileprivate init(of volume: Volume<some VoxelScalar>, _ grid: PatchGrid) {
    let size = volume.scalarType.byteCount
    volumeBytes = volume.voxels.count * size
    patchBytes = grid.count * grid.patch.voxelCount * volume.channels * size
    patches = grid.count
  }
}
