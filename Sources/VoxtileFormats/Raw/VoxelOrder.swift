import Voxtile

/// Between voxels in a file (components side by side, in the file's byte order) and in memory (planar,
/// in the machine's).
struct VoxelOrder: Sendable {
  /// The type of each component.
  let scalarType: ScalarType
  /// Values that are stored side by side for one voxel.
  let components: Int
  /// The byte order of the file.
  let byteOrder: ByteOrder

  private var byteCount: Int { scalarType.byteCount }
  /// Bytes of one voxel with all its components.
  var voxelByteCount: Int { byteCount * components }

  /// Whether the bytes of one plane are the same in both.
  var isIdentity: Bool { components == 1 && (byteOrder == .native || byteCount == 1) }

  /// Brings voxels of one plane from the order of the file to that of memory.
  ///
  /// - Parameters:
  ///   - source: voxels as in the file; their bytes are swapped in place.
  ///   - channels: the first component's channel, followed by the others.
  ///   - first: the place of the first voxel in its channel.
  ///   - voxels: voxels per channel.
  func decode(
    _ source: UnsafeMutableRawBufferPointer, into channels: UnsafeMutableRawBufferPointer, at first: Int,
    voxels: Int
  ) {
    byteOrder.convertToNative(source, numberByteCount: byteCount)
    separate(UnsafeRawBufferPointer(source), into: channels, at: first, voxels: voxels)
  }

  /// Brings voxels of one plane, whose numbers are in the byte order of the machine already, to the order of memory.
  ///
  /// - Parameters:
  ///   - source: voxels with their components side by side.
  ///   - channels: the first component's channel, followed by the others.
  ///   - first: the place of the first voxel in its channel.
  ///   - voxels: voxels per channel.
  func separate(
    _ source: UnsafeRawBufferPointer, into channels: UnsafeMutableRawBufferPointer, at first: Int, voxels: Int
  ) {
    forEachComponent(voxels: voxels) { component, channel in
      let target = UnsafeMutableRawBufferPointer(rebasing: channels[(channel + first * byteCount)...])
      copy(
        UnsafeRawBufferPointer(rebasing: source[component...]), stride: voxelByteCount,
        to: target, stride: byteCount, count: source.count / voxelByteCount)
    }
  }

  /// Brings voxels of one plane from the order of memory to that of the file.
  ///
  /// - Parameters:
  ///   - channels: the first component's channel, followed by the others.
  ///   - first: the place of the first voxel in its channel.
  ///   - voxels: voxels per channel.
  ///   - target: room for whole voxels; it is filled.
  func encode(
    _ channels: UnsafeRawBufferPointer, at first: Int, voxels: Int,
    into target: UnsafeMutableRawBufferPointer
  ) {
    forEachComponent(voxels: voxels) { component, channel in
      copy(
        UnsafeRawBufferPointer(rebasing: channels[(channel + first * byteCount)...]), stride: byteCount,
        to: UnsafeMutableRawBufferPointer(rebasing: target[component...]),
        stride: voxelByteCount, count: target.count / voxelByteCount)
    }
    byteOrder.convertToNative(target, numberByteCount: byteCount)
  }

  /// Calls a body with the offset of each component in a voxel, and of its channel in memory.
  private func forEachComponent(voxels: Int, _ body: (_ component: Int, _ channel: Int) -> Void) {
    for component in 0..<components {
      body(component * byteCount, component * voxels * byteCount)
    }
  }

  private func copy(
    _ source: UnsafeRawBufferPointer, stride: Int, to target: UnsafeMutableRawBufferPointer,
    stride targetStride: Int, count: Int
  ) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    func copy<Number: BitwiseCopyable>(_ type: Number.Type) {
      for index in 0..<count {
        let number = from.loadUnaligned(fromByteOffset: index * stride, as: Number.self)
        to.storeBytes(of: number, toByteOffset: index * targetStride, as: Number.self)
      }
    }
    if stride == targetStride {
      to.copyMemory(from: from, byteCount: count * stride)
      return
    }
    switch byteCount {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }
}
