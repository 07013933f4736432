import Voxtile

/// Makes slices of the scan from values of the resampled scan, and sets them in what is written.
///
/// It works on tiles, so that the values of all channels of a tile stay in the caches.
struct TilesBack: Sendable {
  private let resampler: TileResampler
  private let channels: Int
  private let origin: Position
  private let width: Int
  let outputs: [FinishedSlices]

  /// Lines of a tile.
  private static let lines = 16
  /// The most values of a tile, where it has more columns than the fewest.
  private static let values = 1 << 18

  /// - Parameters:
  ///   - resampling: one of those of `way`.
  ///   - channels: values for each voxel.
  ///   - outputs: what is set.
  init(_ way: WayBack, _ resampling: Resampling, channels: Int, outputs: [FinishedSlices]) {
    let toHalf: @Sendable (Double) -> Float = { roundedToHalf($0) }
    resampler = TileResampler(resampling, rounding: way.roundsToHalf ? toHalf : nil)
    self.channels = channels
    self.outputs = outputs
    (origin, width) = (way.box.origin, way.box.extent.width)
  }

  /// The columns of a tile.
  private static func columns(channels: Int) -> Int {
    max(64, min(512, values / (lines * channels)))
  }

  /// The bytes that one thread works with, but for rows.
  static func byteCount(channels: Int) -> Int { 4 * channels * lines * columns(channels: channels) }

  /// The planes and lines of the resampled scan that a slice, and that a line of the scan's box is made from.
  func planes(for newSlice: Int) -> ClosedRange<Int> { resampler.planes(for: newSlice) }
  func lines(for newLine: Int) -> ClosedRange<Int> { resampler.lines(for: newLine) }

  /// Sets lines of a slice; called for different lines from several threads.
  ///
  /// - Parameters:
  ///   - newSlice: the slice, counted in the box of the scan.
  ///   - slot: where it is set, counted in what is held.
  ///   - newLines: the lines, counted in the box of the scan.
  ///   - values: of the resampled scan.
  ///   - place: where a line of a channel and plane of the resampled scan begins in the values.
  func set(
    _ newSlice: Int, in slot: Int, lines newLines: Range<Int>, from values: Span<Float>,
    at place: (_ channel: Int, _ plane: Int, _ line: Int) -> Int
  ) {
    var (rows, tileValues) = (TileRows(), [Float]())
    let step = Self.columns(channels: channels)
    for top in stride(from: newLines.lowerBound, to: newLines.upperBound, by: Self.lines) {
      for left in stride(from: 0, to: width, by: step) {
        let tile = ResampledTile(
          plane: newSlice, lines: top..<min(top + Self.lines, newLines.upperBound),
          columns: left..<min(left + step, width))
        let area = tile.lines.count * tile.columns.count
        if tileValues.count != channels * area { tileValues = [Float](unsetCount: channels * area) }
        var span = tileValues.mutableSpan
        for channel in 0..<channels {
          var part = span._mutatingExtracting(channel * area..<(channel + 1) * area)
          resampler.resample(tile, from: values, with: &rows, to: &part) { place(channel, $0, $1) }
        }
        let lines = FinishedLines(
          count: tile.lines.count, width: tile.columns.count, stride: area, hasWeights: false, differing: 0)
        for output in outputs {
          output.set(
            lines, sums: tileValues.span, slice: slot,
            at: (x: origin.x + tile.columns.lowerBound, y: origin.y + tile.lines.lowerBound))
        }
      }
    }
  }
}
