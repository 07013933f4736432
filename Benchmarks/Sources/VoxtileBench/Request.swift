import Voxtile

/// One line of JSON from script/bench that says what to do next.
struct Request: Decodable {
  /// The kinds of requests.
  enum Order: String, Decodable {
    /// Prepare the input of a task for the following requests.
    case prepare
    /// Free the last result, so that every run starts from the same state.
    case drop
    /// Run the task once and time it.
    case run
    /// Copy as many bytes as all patches have, and time it.
    case copy
    /// Read the same input and write as many bytes as the task, without other work, and time it.
    case floor
    /// Touch memory, so that a later allocation of this size is fast; needs no task.
    case touch
    /// Compare the last result with the expected values.
    case check
  }

  /// The kind of request.
  var order: Order
  /// The task to prepare.
  var task: TaskDescription?
  /// The amount of memory to touch.
  var bytes: Int?
}

/// A task to measure, as written by script/bench.
struct TaskDescription: Decodable {
  /// The kinds of tasks.
  enum Work: String, Decodable {
    /// Crop all patches into one array.
    case crop
    /// Merge patches in memory into a volume.
    case merge
    /// Crop and merge one patch after another, like inference with an identity network.
    case roundtrip
  }

  /// The kind of task.
  var work: Work
  /// The type of the voxels.
  var type: ScalarType
  /// The size of the volume along x, y and z.
  var extent: [Int]
  /// The number of values per voxel.
  var channels: Int
  /// The size of a patch along x, y and z.
  var patch: [Int]
  /// The overlap along each axis.
  var overlap: [Int]
  /// The name of an edge policy.
  var edge: String
  /// The name of a blend.
  var blend: String
  /// The number of threads.
  var jobs: Int
  /// Whether every run merges into the same memory; else each makes its own.
  var keepsMemory: Bool?
  /// Of how many values of each patch one is changed, so that patches disagree; none is where it is missing.
  var oneIn: Int?

  /// The grid that the task describes.
  func grid() throws -> PatchGrid {
    guard let edge = EdgePolicy(edge), [extent, patch, overlap].allSatisfy({ $0.count == 3 }) else {
      throw RequestError(
        "a task needs three values for extent, patch and overlap, and the name of an edge policy")
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
    case "maximum": .maximum
    default: throw RequestError("unknown blend '\(blend)'")
    }
  }
}

/// An invalid request.
struct RequestError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
