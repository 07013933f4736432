import Voxtile
import VoxtileFormats

/// The sizes that decide how a prediction keeps within its memory.
struct InferenceSizes {
  let grid: PatchGrid
  let source: ScanSource
  /// Bytes of one batch, as the model sees it and as it answers.
  let batchBytes: Int
  /// Bytes of the copies that are made of one batch on its way.
  let copyBytes: Int
  /// Bytes of the sums.
  let bandBytes: Int
  /// Bytes of one slice of all that is written.
  let outputSliceBytes: Int
  /// Bytes of one slice of the sums.
  let bandSliceBytes: Int
}

extension InferenceMemory {
  /// The program, its libraries and stacks, without ONNX Runtime.
  static let programBytes = 48 << 20

  /// Plans a prediction.
  ///
  /// - Returns: what is held, the most memory that it needs, and what goes to scratch files.
  /// - Throws: `VoxtileError.Code.invalidOption` where the limit is too low.
  static func plan(
    _ sizes: InferenceSizes, limit: Int?
  ) throws(VoxtileError) -> (memory: InferenceMemory, peak: Int, scratch: Int) {
    let slabSlices = max(1, min(16, (16 << 20) / max(1, sizes.outputSliceBytes)))
    // One batch is predicted while the next one is cut and the last one is merged.
    let fixed =
      programBytes + 2 * sizes.batchBytes + sizes.copyBytes + 2 * slabSlices * sizes.outputSliceBytes
    func window(_ step: CropStep) -> Int {
      2 * CropWindow<Float>(grid: sizes.grid, step: step).largestVoxelCount * sizes.source.channels * 4
    }
    let layers = window(.layer)
    let held = sizes.source.byteCount + window(.row)
    let whole = InferenceMemory(
      holdsScan: held <= layers || limit == nil, step: held <= layers || limit == nil ? .row : .layer,
      residentBandBytes: sizes.bandBytes, slabSlices: slabSlices)
    let best = fixed + sizes.bandBytes + (whole.holdsScan ? held : layers)
    guard let limit, best > limit else { return (whole, best, 0) }

    // The sums go to a scratch file before the scan does: they are touched once a patch, the scan once a row of it.
    let leastBand = min(sizes.bandBytes, max(2 * sizes.bandSliceBytes, 64 << 20))
    var least = Int.max
    for step in [CropStep.layer, .row, .patch] {
      let used = fixed + window(step)
      let spooled = step != .layer && !sizes.source.isRandomAccess ? sizes.source.byteCount : 0
      for band in [sizes.bandBytes, min(limit - used, sizes.bandBytes - 1)] where band >= leastBand {
        least = min(least, used + leastBand)
        guard used + band <= limit else { continue }
        return (
          InferenceMemory(
            holdsScan: false, step: step, residentBandBytes: band, slabSlices: slabSlices),
          used + band, spooled + (band < sizes.bandBytes ? sizes.bandBytes : 0)
        )
      }
      least = min(least, used + leastBand)
    }
    throw VoxtileError(
      .invalidOption,
      "a memory limit of \(limit >> 20) MiB is too low, \((least >> 20) + 1) MiB are needed; raise the limit, or use "
        + "smaller patches or batches",
      context: .init(expected: ">= \((least >> 20) + 1) MiB", found: "\(limit >> 20) MiB"))
  }
}
