import Synchronization
import Voxtile

/// The label map of several tasks, while one after another puts its labels over it.
///
/// One task at a time writes to it, slab after slab.
final class OverlaidLabels: Sendable {
  /// What the map will be.
  let info: VolumeInfo
  private let memory: ScratchMemory

  /// - Parameters:
  ///   - info: one channel of whole numbers.
  ///   - residentBytes: how much of it may be in memory.
  init(_ info: VolumeInfo, residentBytes: Int) throws(VoxtileError) {
    self.info = info
    memory = try ScratchMemory(
      byteCount: info.byteCount(of: Region(info.extent)), residentBytes: residentBytes)
  }

  /// What the labels of a slab did to the map.
  struct Findings: Hashable {
    /// Voxels that had the label of an earlier task and have another one now.
    var replaced = 0
    /// Voxels with a label of which the table says nothing.
    var unlisted = 0
  }

  /// Puts the labels of some slices over the map.
  ///
  /// - Parameters:
  ///   - slab: the labels, as a task has them.
  ///   - type: their type.
  ///   - values: what each label becomes.
  ///   - next: takes the slices of the map, where this is the last task.
  func put(
    _ slab: UnsafeRawBufferPointer, of type: ScalarType, slices: Range<Int>, values: [Int: Int],
    passingTo next: (any VolumeWriter)?
  ) throws -> Findings {
    let area = info.extent.width * info.extent.height
    let range = slices.lowerBound * area..<slices.upperBound * area
    memory.willTouch(range.count * info.scalarType.byteCount)
    switch info.scalarType {
    case .uint8: return try put(slab, of: type, range, as: UInt8.self, values, slices, next)
    case .uint16: return try put(slab, of: type, range, as: UInt16.self, values, slices, next)
    default: return try put(slab, of: type, range, as: Int32.self, values, slices, next)
    }
  }

  private func put<Value: FixedWidthInteger & BitwiseCopyable>(
    _ slab: UnsafeRawBufferPointer, of type: ScalarType, _ range: Range<Int>, as: Value.Type,
    _ values: [Int: Int], _ slices: Range<Int>, _ next: (any VolumeWriter)?
  ) throws -> Findings {
    let map = UnsafeMutableBufferPointer(rebasing: memory.values(of: Value.self)[range])
    var target = map.mutableSpan
    let findings =
      switch type {
      case .uint8: overlay(slab.bindMemory(to: UInt8.self).span, on: &target, values)
      case .uint16: overlay(slab.bindMemory(to: UInt16.self).span, on: &target, values)
      case .int16: overlay(slab.bindMemory(to: Int16.self).span, on: &target, values)
      case .int32: overlay(slab.bindMemory(to: Int32.self).span, on: &target, values)
      default: preconditionFailure("labels are whole numbers, not \(type)")
      }
    try next?.write(UnsafeRawBufferPointer(map), slices: slices)
    return findings
  }
}

/// Puts labels over others.
private func overlay<Label: FixedWidthInteger, Value: FixedWidthInteger>(
  _ labels: Span<Label>, on target: inout MutableSpan<Value>, _ values: [Int: Int]
) -> OverlaidLabels.Findings {
  var findings = OverlaidLabels.Findings()
  // Labels come in runs, so what one becomes is looked up once for each.
  var label = Label.zero
  var (value, isListed) = (Value.zero, true)
  for index in labels.indices {
    if labels[index] != label {
      label = labels[index]
      let found = values[Int(label)]
      (value, isListed) = (Value(found ?? 0), label == 0 || found != nil)
    }
    if !isListed { findings.unlisted += 1 }
    guard value != 0 else { continue }
    if target[index] != 0, target[index] != value { findings.replaced += 1 }
    target[index] = value
  }
  return findings
}

/// Takes the labels of one task and puts them over those of the tasks before it.
final class LabelOverlay: VolumeWriter {
  let info: VolumeInfo
  private let map: OverlaidLabels
  private let values: [Int: Int]
  private let next: (any VolumeWriter)?
  private let check: @Sendable () throws -> Void
  private let found = Mutex(OverlaidLabels.Findings())

  /// What was found so far.
  var findings: OverlaidLabels.Findings { found.withLock { $0 } }

  /// - Parameters:
  ///   - info: the labels of the task.
  ///   - values: what each of them becomes.
  ///   - map: what they are put over.
  ///   - next: takes the map, where this is the last task.
  ///   - check: is called before the map is finished.
  init(
    _ info: VolumeInfo, values: [Int: Int], over map: OverlaidLabels, passingTo next: (any VolumeWriter)?,
    checking check: @escaping @Sendable () throws -> Void
  ) {
    (self.info, self.values, self.map, self.next, self.check) = (info, values, map, next, check)
  }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    let new = try map.put(slab, of: info.scalarType, slices: slices, values: values, passingTo: next)
    found.withLock { found in
      found.replaced += new.replaced
      found.unlisted += new.unlisted
    }
  }

  func finish() throws {
    try check()
    try next?.finish()
  }
}
