/// Passes on some slices of what is written, and leaves out the others.
package struct SlicesWriter: VolumeWriter {
  private let next: any VolumeWriter
  private let slices: Range<Int>

  /// - Parameters:
  ///   - next: gets the slices.
  ///   - slices: which they are.
  package init(_ next: any VolumeWriter, slices: Range<Int>) {
    self.next = next
    self.slices = slices
  }

  package var info: VolumeInfo { next.info }

  package func write(_ slab: UnsafeRawBufferPointer, slices all: Range<Int>) throws {
    let wanted = all.clamped(to: slices)
    if wanted.isEmpty { return }
    if wanted == all { return try next.write(slab, slices: all) }
    let plane = slab.count / info.channels / all.count
    let range = (wanted.lowerBound - all.lowerBound) * plane..<(wanted.upperBound - all.lowerBound) * plane
    if info.channels == 1 {
      return try next.write(UnsafeRawBufferPointer(rebasing: slab[range]), slices: wanted)
    }
    var values: [UInt8] = []
    values.reserveCapacity(info.channels * range.count)
    for channel in 0..<info.channels {
      let start = channel * all.count * plane
      values += slab[start + range.lowerBound..<start + range.upperBound]
    }
    try values.withUnsafeBytes { try next.write($0, slices: wanted) }
  }

  /// Finishes nothing: others write the other slices.
  package func finish() {}
}
