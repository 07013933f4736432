import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory of the caller's, checked: there, aligned, of a length that can be addressed.
package struct Memory<Value> {
  package let buffer: UnsafeMutableBufferPointer<Value>

  /// - Parameters:
  ///   - count: the number of values, at least 1.
  ///   - name: what messages call it.
  package init(_ address: UnsafeMutableRawPointer?, count: Int, name: String) throws(CallError) {
    let size = MemoryLayout<Value>.stride
    guard let address else { throw CallError(.invalidArgument, "\(name) is null") }
    guard count >= 1 else { throw CallError(.invalidArgument, "\(name) has \(count) values, not at least 1") }
    let bytes = count.multipliedReportingOverflow(by: size)
    let end = UInt(bitPattern: address).addingReportingOverflow(UInt(clamping: bytes.partialValue))
    guard !bytes.overflow, !end.overflow else {
      throw CallError(
        .invalidArgument, "\(name) has \(count) values of \(size) bytes, more than can be addressed")
    }
    guard UInt(bitPattern: address) % UInt(MemoryLayout<Value>.alignment) == 0 else {
      throw CallError(.invalidArgument, "\(name) is not aligned to \(MemoryLayout<Value>.alignment) bytes")
    }
    buffer = UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: Value.self), count: count)
  }

  init(_ address: UnsafeMutablePointer<Value>?, count: Int, name: String) throws(CallError) {
    try self.init(UnsafeMutableRawPointer(address), count: count, name: name)
  }

  /// Throws where some bytes are also those of other memory.
  func checkApart(from other: Memory, _ names: String) throws(CallError) {
    let (a, b) = (UnsafeRawBufferPointer(buffer), UnsafeRawBufferPointer(other.buffer))
    guard let first = a.baseAddress, let second = b.baseAddress,
      first < second + b.count, second < first + a.count
    else { return }
    throw CallError(.invalidArgument, "\(names) share memory")
  }
}

/// A text of the caller's.
package func text(_ characters: UnsafePointer<CChar>?, name: String) throws(CallError) -> String {
  guard let characters else { throw CallError(.invalidArgument, "\(name) is null") }
  guard let text = String(validatingCString: characters) else {
    throw CallError(.invalidArgument, "\(name) is not UTF-8")
  }
  return text
}

/// The three numbers of an array of the caller's, x first.
func triple<Value>(_ values: UnsafePointer<Value>?, name: String) throws(CallError) -> PerAxis<Value> {
  guard let values else { throw CallError(.invalidArgument, "\(name) is null") }
  return PerAxis(x: values[0], y: values[1], z: values[2])
}

/// An image of the caller's: its memory, and how the values lie in it.
struct ForeignImage<Scalar: VoxelScalar> {
  let memory: Memory<Scalar>
  let layout: BufferLayout
  let channels: Int

  /// - Parameters:
  ///   - address: the first value.
  ///   - count: the values that may be read from there on.
  ///   - strides: the distances from one value to the next along x, y, z and channels, in values.
  init(
    _ address: UnsafeMutableRawPointer?, count: Int, strides: UnsafePointer<Int>?, channels: Int,
    extent: Extent,
    name: String
  ) throws(CallError) {
    memory = try Memory(address, count: count, name: name)
    guard let strides else { throw CallError(.invalidArgument, "the strides of \(name) are null") }
    let distances = (0..<4).map { strides[$0] }
    guard distances[0] >= 1, distances.allSatisfy({ $0 >= 0 }) else {
      throw CallError(
        .invalidArgument,
        "the strides of \(name) are \(distances); negative ones, and 0 along x, are not read")
    }
    try checkCount(channels: channels, of: extent, name: name)
    // The last value has to lie in the memory; everything that is computed later is less.
    var last = 0
    for (distance, length) in zip(distances, extent.sizes.all + [channels]) {
      let way = distance.multipliedReportingOverflow(by: max(0, length - 1))
      let sum = last.addingReportingOverflow(way.partialValue)
      guard !way.overflow, !sum.overflow, sum.partialValue < count else {
        throw CallError(
          .invalidArgument,
          "\(name) ends after \(count) values, before \(channels) channels of \(extent) voxels with strides \(distances)"
        )
      }
      last = sum.partialValue
    }
    layout = BufferLayout(
      column: distances[0], row: distances[1], slice: distances[2], channel: distances[3])
    self.channels = channels
  }
}

/// Throws where the values of a box cannot be counted, or there is no channel.
func checkCount(channels: Int, of extent: Extent, name: String) throws(CallError) {
  guard channels >= 1 else {
    throw CallError(.invalidArgument, "\(name) has \(channels) channels, not at least 1")
  }
  guard let voxels = extent.voxelCountIfRepresentable,
    !voxels.multipliedReportingOverflow(by: channels).overflow
  else {
    throw CallError(
      .invalidArgument, "\(name) has \(channels) channels of \(extent) voxels, too many to count")
  }
}

/// How many threads a call may use.
///
/// In a child of a process that was forked only the calling thread is there; the others would never come.
///
/// - Parameter count: the number asked for; 0 for as many as there are cores.
package func jobs(_ count: Int) throws(CallError) -> Jobs {
  guard (0...1 << 16).contains(count) else {
    throw CallError(.invalidArgument, "\(count) threads are not in 0...65536")
  }
  if getpid() != homeProcess { return .one }
  return count == 0 ? .all : Jobs(count)
}

/// The process that loaded the library.
private let homeProcess: pid_t = getpid()

/// Notes which process loaded the library.
@c(voxtile_begin)
public func begin() { _ = homeProcess }
