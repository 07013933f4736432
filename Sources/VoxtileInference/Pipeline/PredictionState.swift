import Voxtile

/// What a prediction keeps so that it can go on after it was stopped: the slices that are finished, and the sums of those that are not.
///
/// It is saved after a layer of patches; after each one, unless that would take too much of the time (``SavingPace``).
struct PredictionState: Sendable {
  private let state: any JobState
  /// How many layers of patches a stopped run has finished.
  let layers: Int
  /// How many patches of these layers it has predicted; it has skipped the others.
  let predicted: Int

  /// Takes what is kept.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it does not fit the plan.
  ///
  /// - Parameter count: how many layers of patches there are.
  init(_ state: any JobState, layers count: Int) throws {
    self.state = state
    layers = state.savedSteps
    guard layers < count else {
      throw VoxtileError(
        .malformedFile,
        "the state of the stopped run has \(layers) layers of patches, but there are \(count)",
        remedy: .resumeOrReplace)
    }
    var predicted = 0
    if layers > 0 {
      try withUnsafeMutableBytes(of: &predicted) {
        try state.read(Self.countName(state.savedSteps), at: 0, into: $0)
      }
    }
    self.predicted = predicted
  }

  private static func carryName(_ layers: Int) -> String { "sums-\(layers)" }

  private static func countName(_ layers: Int) -> String { "patches-\(layers)" }

  /// A writer that also keeps what is written.
  func recording(_ kind: PredictionKind, _ writer: any VolumeWriter) -> any VolumeWriter {
    RecordingWriter(next: writer, state: state, name: kind.rawValue)
  }

  /// Writes what a stopped run has finished.
  ///
  /// - Parameter slices: how many slices that is.
  func replay(_ kind: PredictionKind, _ info: VolumeInfo, slices: Int, to writer: any VolumeWriter) throws {
    let slice = info.byteCount(of: Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: 0..<1))
    guard state.savedByteCount(of: kind.rawValue) == slices * slice else {
      throw VoxtileError(
        .malformedFile,
        "the state of the stopped run has \(state.savedByteCount(of: kind.rawValue)) bytes of \(kind.rawValue), not \(slices * slice)",
        remedy: .resumeOrReplace)
    }
    // Slices of several channels lie channel by channel only within one slice.
    let step = info.channels == 1 ? max(1, (4 << 20) / slice) : 1
    var buffer = [UInt8](repeating: 0, count: min(slices, step) * slice)
    for first in stride(from: 0, to: slices, by: step) {
      let some = first..<min(slices, first + step)
      try buffer.withUnsafeMutableBytes { bytes in
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(some.count * slice)])
        try state.read(kind.rawValue, at: first * slice, into: part)
        try writer.write(UnsafeRawBufferPointer(part), slices: some)
      }
    }
  }

  /// Takes the sums that the last finished layer has handed on.
  func load(into carry: LayerHandover) throws {
    try carry.setParts { offset, bytes in try state.read(Self.carryName(layers), at: offset, into: bytes) }
  }

  /// Keeps the layers that are finished.
  ///
  /// - Parameters:
  ///   - predicted: how many of their patches were predicted.
  ///   - kinds: what is written.
  func save(layers: Int, predicted: Int, _ carry: LayerHandover, keeping kinds: Set<PredictionKind>) throws {
    let (sums, count) = (Self.carryName(layers), Self.countName(layers))
    try carry.forEachPart { _, bytes in try state.append(UnsafeRawBufferPointer(bytes), to: sums) }
    try withUnsafeBytes(of: predicted) { try state.append($0, to: count) }
    try state.save(steps: layers, keeping: Set(kinds.map(\.rawValue)).union([sums, count]))
  }
}

/// Keeps what is written, and passes it on.
private struct RecordingWriter: VolumeWriter {
  let next: any VolumeWriter
  let state: any JobState
  let name: String

  var info: VolumeInfo { next.info }

  func write(_ slab: UnsafeRawBufferPointer, slices: Range<Int>) throws {
    try state.append(slab, to: name)
    try next.write(slab, slices: slices)
  }

  func finish() throws { try next.finish() }
}
