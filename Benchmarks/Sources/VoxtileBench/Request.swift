import Voxtile

/// One line of JSON from script/bench: what to do next.
struct Request: Decodable {
  /// What is asked for.
  enum Order: String, Decodable {
    /// Make the input of a task. It stays for the orders that follow.
    case prepare
    /// Let go of the last result, so that the next run starts as the first.
    case drop
    /// Do the task once and say how long it took.
    case run
    /// Copy as many bytes as the task reads or writes, and say how long that took.
    case copy
    /// Read what the task reads and write as much as it writes, and say how long that took.
    case floor
    /// Make sure that this much memory can be had without delay; no task is needed.
    case touch
    /// Compare the last result with what it should be.
    case check
  }

  /// What is asked for.
  var order: Order
  /// The task to prepare.
  var task: TaskDescription?
  /// How much memory to touch.
  var bytes: Int?
}

/// A task to be measured, as script/bench writes it.
struct TaskDescription: Decodable {
  /// What is done with the patches.
  enum Work: String, Decodable {
    /// All patches into one array.
    case crop
    /// Patches that are in memory into a volume.
    case merge
    /// One patch after another is cut and merged: a network that changes nothing.
    case roundtrip
  }

  /// What is done.
  var work: Work
  /// The type of the voxels.
  var type: ScalarType
  /// The sizes along x, y and z.
  var extent: [Int]
  /// Values a voxel.
  var channels: Int
  /// The sizes of a patch.
  var patch: [Int]
  /// What neighbours share along each axis.
  var overlap: [Int]
  /// The name of an edge policy.
  var edge: String
  /// The name of a blend.
  var blend: String
  /// The number of threads.
  var jobs: Int

  /// The grid that the task describes.
  func grid() throws -> PatchGrid {
    guard let edge = EdgePolicy(edge), [extent, patch, overlap].allSatisfy({ $0.count == 3 }) else {
      throw RequestError("a task has three sizes an axis and the name of an edge policy")
    }
    return try PatchGrid(
      over: Extent(width: extent[0], height: extent[1], depth: extent[2]),
      settings: GridSettings(
        patch: Extent(width: patch[0], height: patch[1], depth: patch[2]),
        overlap: PerAxis(x: .voxels(overlap[0]), y: .voxels(overlap[1]), z: .voxels(overlap[2])),
        edge: PerAxis(edge)))
  }

  /// The blend that the task names.
  func namedBlend() throws -> Blend {
    switch blend {
    case "average": .average
    case "gaussian": .gaussian
    case "hann": .hann
    case "vote": .vote
    case "center": .center
    default: throw RequestError("there is no blend '\(blend)'")
    }
  }
}

/// A request that makes no sense.
struct RequestError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
