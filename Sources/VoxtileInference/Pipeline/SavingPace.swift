import Voxtile

/// How often a prediction saves what a later run goes on from: so seldom that it takes about a tenth of the time at most.
///
/// Of many classes, the sums that one layer hands on are gigabytes, which take longer to save than the layer took to predict.
struct SavingPace {
  /// Less than this is saved after each layer.
  private static let fewBytes = 64 << 20
  /// What a disk is thought to write in a second, until that is known.
  private static let bytesPerSecond = 500e6
  /// How many times as long as a save the time before it is.
  private static let ratio = 10.0

  private var lastSave = ContinuousClock.now
  /// What a save takes; 0 where each layer is saved.
  private var seconds: Double

  /// - Parameter bytes: how much is saved each time.
  init(bytes: Int) { seconds = bytes < Self.fewBytes ? 0 : Double(bytes) / Self.bytesPerSecond }

  /// Saves, if it is time to.
  ///
  /// - Throws: what the body throws.
  mutating func save(_ body: () throws -> Void) rethrows {
    let start = ContinuousClock.now
    guard seconds == 0 || (start - lastSave).seconds >= Self.ratio * seconds else { return }
    try body()
    lastSave = ContinuousClock.now
    if seconds > 0 { seconds = (lastSave - start).seconds }
  }
}
