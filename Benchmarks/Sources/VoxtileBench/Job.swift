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
        volume: volume, patches: grid.map { volume[$0] }, grid: grid, blend: task.namedBlend(),
        jobs: Jobs(task.jobs))
    case .roundtrip:
      return try MergeJob(
        volume: volume, patches: nil, grid: grid, blend: task.namedBlend(), jobs: Jobs(task.jobs))
    }
  }
  return try make(task.type.type)
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

  init(
    volume: Volume<Scalar>, patches: [Volume<Scalar>]?, grid: PatchGrid, blend: Blend, jobs: Jobs
  ) {
    self.volume = volume
    self.patches = patches
    self.grid = grid
    self.blend = blend
    self.jobs = jobs
  }

  var sizes: Reply { Reply(of: volume, grid) }

  func run() throws {
    let merger = try PatchMerger<Scalar>(grid: grid, settings: MergeSettings(blend: blend, jobs: jobs))
    for patch in grid {
      try merger.add(patches?[patch.index] ?? volume[patch], at: patch)
    }
    result = try merger.finish()
  }

  func drop() { result = nil }

  func runFloor(threads: Int) throws {
    try MemoryFloor.run(patches ?? [volume], writing: sizes.volumeBytes ?? 0, threads: threads)
  }

  func check() throws -> Reply {
    guard let result else { throw RequestError("the task has not been run") }
    let coverage = grid.coverage
    var wrong = 0
    var worst = 0.0
    var index = 0
    for _ in 0..<volume.channels {
      for z in coverage.counts.z {
        for y in coverage.counts.y {
          for x in coverage.counts.x {
            let expected = x * y * z > 0 ? volume.voxels[index] : 0
            if result.voxels[index] != expected {
              wrong += 1
              worst = max(worst, abs(result.voxels[index].double - expected.double))
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
