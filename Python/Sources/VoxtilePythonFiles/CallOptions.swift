import Voxtile
import VoxtilePython

/// The named settings of a call, as lines `name=value`. Each is taken once; what is left is refused.
struct CallOptions {
  private var values: [String: String] = [:]

  init(_ lines: UnsafePointer<CChar>?) throws(CallError) {
    for line in try text(lines, name: "the options").split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw CallError(.invalidArgument, "option '\(line)' has no value") }
      values[String(parts[0])] = String(parts[1])
    }
  }

  /// Throws where something was not taken.
  func checkAllTaken() throws(CallError) {
    guard let name = values.keys.min() else { return }
    throw CallError(.invalidArgument, "there is no option '\(name)'")
  }

  mutating func word(_ name: String) -> String? { values.removeValue(forKey: name) }

  mutating func flag(_ name: String) throws(CallError) -> Bool {
    guard let value = word(name) else { return false }
    guard value == "1" || value == "0" else { throw Self.fault(name, value, "1 or 0") }
    return value == "1"
  }

  mutating func whole(_ name: String, in range: ClosedRange<Int>) throws(CallError) -> Int? {
    guard let value = word(name) else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw Self.fault(name, value, "a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  mutating func number(_ name: String) throws(CallError) -> Double? {
    guard let value = word(name) else { return nil }
    guard let number = Double(value) else { throw Self.fault(name, value, "a number") }
    return number
  }

  /// A value that is made from its name.
  mutating func named<Value>(
    _ name: String, _ all: String, _ make: (String) -> Value?
  ) throws(CallError) -> Value? {
    guard let value = word(name) else { return nil }
    guard let made = make(value) else { throw Self.fault(name, value, all) }
    return made
  }

  private static func fault(_ name: String, _ value: String, _ expected: String) -> CallError {
    CallError(.invalidArgument, "\(name) is '\(value)', not \(expected)")
  }
}

extension CallOptions {
  /// How much of the machine a job may use: `threads` and `memory`.
  mutating func limits() throws -> JobLimits {
    JobLimits(
      jobs: try jobs(try whole("threads", in: 0...1 << 16) ?? 0), memory: try whole("memory", in: 0...Int.max)
    )
  }

  /// The size of a patch from one number, or one for each axis, x first.
  ///
  /// - Parameter isPlanar: whether one number means a square.
  mutating func patch(isPlanar: Bool) throws(CallError) -> Extent? {
    guard let value = word("patch") else { return nil }
    let sizes = value.split(separator: ",").compactMap { Int($0) }.filter {
      (0...Int(Int32.max)).contains($0)
    }
    guard (1...3).contains(sizes.count), sizes.count == value.split(separator: ",").count else {
      throw Self.fault("patch", value, "one size, or one for each axis")
    }
    switch sizes.count {
    case 1: return isPlanar ? Extent(width: sizes[0], height: sizes[0]) : Extent(sizes[0])
    case 2: return Extent(width: sizes[0], height: sizes[1])
    default: return Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
    }
  }

  /// The overlaps from one, or one for each axis, x first; whole numbers are voxels, others parts.
  mutating func overlaps(patch: Extent) throws(CallError) -> PerAxis<Overlap>? {
    guard let value = word("overlap") else { return nil }
    let overlaps = value.split(separator: ",").compactMap { part -> Overlap? in
      Int(part).map { .voxels($0) } ?? Double(part).map { .fraction($0) }
    }
    guard overlaps.count == value.split(separator: ",").count else {
      throw Self.fault("overlap", value, "numbers")
    }
    switch overlaps.count {
    case 1: return PerAxis(overlaps[0], patch: patch)
    case 2: return PerAxis(x: overlaps[0], y: overlaps[1], z: .voxels(0))
    case 3: return PerAxis(x: overlaps[0], y: overlaps[1], z: overlaps[2])
    default: throw Self.fault("overlap", value, "one overlap, or one for each axis")
    }
  }

  /// The edge policies from one, or one for each axis, x first.
  mutating func edges() throws(CallError) -> PerAxis<EdgePolicy>? {
    guard let value = word("edge") else { return nil }
    let edges = value.split(separator: ",").compactMap { EdgePolicy(String($0)) }
    guard edges.count == value.split(separator: ",").count else {
      throw Self.fault("edge", value, EdgePolicy.allCases.map(\.description).joined(separator: ", "))
    }
    switch edges.count {
    case 1: return PerAxis(edges[0])
    case 2: return PerAxis(x: edges[0], y: edges[1], z: .shift)
    case 3: return PerAxis(x: edges[0], y: edges[1], z: edges[2])
    default: throw Self.fault("edge", value, "one policy, or one for each axis")
    }
  }

  mutating func padding() throws(CallError) -> Padding? {
    try named("padding", "constant, constant:NUMBER, edge, reflect, symmetric or wrap") { Padding($0) }
  }

  mutating func blend() throws(CallError) -> Blend? {
    try named("blend", Blend.all.map(\.name).joined(separator: ", ")) { Blend(name: $0) }
  }

  /// How patches are merged: a blend, or the least overlap of instances that are one.
  mutating func mergeBlend() throws(CallError) -> (blend: Blend?, leastInstanceIoU: Double?) {
    let isOfInstances = values["blend"] == "instances"
    let least = try number("instance_iou")
    guard isOfInstances else {
      if let least {
        throw Self.fault("instance_iou", "\(least)", "left out, since it is for blend='instances'")
      }
      return (try blend(), nil)
    }
    values["blend"] = nil
    guard (0...1).contains(least ?? 0.5) else {
      throw Self.fault("instance_iou", "\(least ?? 0)", "a number from 0 to 1")
    }
    return (nil, least ?? 0.5)
  }

  mutating func scalarType() throws(CallError) -> ScalarType? {
    try named("dtype", ScalarType.allCases.map(\.rawValue).joined(separator: ", ")) {
      ScalarType(rawValue: $0)
    }
  }
}

/// A function of the caller's that follows a job: it gets the patches done and to do, and gives something other than 0 to stop.
typealias Follower = @convention(c) (Int, Int) -> Int32

/// What reports to a function of the caller's.
func progress(_ follower: Follower?) -> JobProgress {
  guard let follower else { return .none }
  return JobProgress { done, total in
    if follower(done, total) != 0 { throw CancellationError() }
  }
}
