import Voxtile

/// What it means that a model gives fewer, or more, voxels than its patch has.
///
/// A network of valid convolutions gives the middle of its patch: 44 voxels of 132, 60 of 148. Another one gives the whole
/// patch in larger voxels: 66 of 132, 74 of 148. Two sizes of patches tell them apart; one does not.
@nonexhaustive
public enum OutputFit: String, CaseIterable, Hashable, Sendable {
  /// The output is the middle of the patch; around it lies a margin that is only looked at.
  case margin
  /// The output is the whole patch, in voxels of another size.
  case scale
}

extension PatchPipeline {
  /// By how much another patch is larger or smaller than the first one. A network that halves its patch a few times takes
  /// only multiples, or multiples and a remainder; smaller patches take less time.
  private static let otherSizes = [-16, 16, -32, 32, -8, 8, 64, -4, 4, -2, 2]

  /// How the output of the model lies in its patch; tries a second size where the first one does not tell.
  ///
  /// - Parameters:
  ///   - output: what it gave of a patch, along the axes of the stored image.
  ///   - cutting: the patch.
  /// - Returns: also a remark where the output has another size than the patch.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where the output has neither a margin nor other voxels, or where it
  ///   cannot be told which.
  func outputScale(
    _ output: Extent, as cutting: PatchCutting
  ) async throws -> (scale: OutputScale, remark: PredictionRemark?) {
    let (input, frame) = (cutting.inner.patch, cutting.frame)
    let isFlipped = frame.stored(frame.isFlipped)
    let sizes = OutputSizes(input: input, output: output)
    guard !sizes.differing.isEmpty else {
      return (OutputScale(output: input.sizes, input: input.sizes, isFlipped: isFlipped), nil)
    }
    if let fit = settings.outputFit {
      let scale = try OutputScale(sizes, isFlipped: isFlipped) { _ in fit }
      return (scale, sizes.remark(scale, other: nil))
    }
    guard let other = try await otherSize(than: sizes, as: cutting) else { throw sizes.cannotTell }
    let scale = try OutputScale(sizes, isFlipped: isFlipped) { axis throws(VoxtileError) in
      try sizes.fit(along: axis, other: other)
    }
    return (scale, sizes.remark(scale, other: other))
  }

  /// What the model gives of a patch of another size along the axes where its output differs; `nil` where those are fixed,
  /// or it takes none of the sizes that are tried.
  private func otherSize(than sizes: OutputSizes, as cutting: PatchCutting) async throws -> OutputSizes? {
    let fixed = cutting.frame.stored(fixedPatch)
    guard sizes.differing.allSatisfy({ fixed[$0] == nil }) else { return nil }
    for change in Self.otherSizes {
      let patch = sizes.input.sizes.map { axis, size in
        sizes.differing.contains(axis) ? size + change : size
      }
      guard patch.all.allSatisfy({ $0 >= 1 }) else { continue }
      if let output = try await outputExtent(ofPatch: Extent(patch), as: cutting) {
        return OutputSizes(input: Extent(patch), output: output)
      }
    }
    return nil
  }
}

/// The size of a patch and of what a model gives of it, along the axes of the stored image.
struct OutputSizes {
  let input: Extent
  let output: Extent

  /// The axes along which they differ.
  var differing: [Axis] { Axis.allCases.filter { input[$0] != output[$0] } }

  /// What a difference along an axis means, given another patch.
  func fit(along axis: Axis, other: OutputSizes) throws(VoxtileError) -> OutputFit {
    let (lost, otherLost) = (input[axis] - output[axis], other.input[axis] - other.output[axis])
    if lost == otherLost { return .margin }
    if output[axis] * other.input[axis] == other.output[axis] * input[axis] { return .scale }
    throw VoxtileError(
      .modelNotUsable,
      "the model gives \(output[axis]) voxels along \(axis) for a patch of \(input[axis]), but \(other.output[axis]) for "
        + "\(other.input[axis]): that is neither a margin nor another size of voxels, so where its output lies is not known; "
        + "use a patch that it can halve evenly, or export it with padded convolutions",
      context: .init(axis: axis, expected: "\(input[axis])", found: "\(output[axis])"))
  }

  /// One size alone does not say what the difference means.
  var cannotTell: VoxtileError {
    VoxtileError(
      .modelNotUsable,
      "the model gives \(output) for patches of \(input), and takes no other size that was tried, so it is not known whether "
        + "that is the middle of the patch (valid convolutions) or the whole patch in larger or smaller voxels",
      remedy: .chooseOutputFit, context: .init(expected: "\(input)", found: "\(output)"))
  }

  /// What a person should know about the sizes.
  func remark(_ scale: OutputScale, other: OutputSizes?) -> PredictionRemark {
    let found =
      "the network gives \(output) voxels for a patch of \(input)"
      + (other.map { " (and \($0.output) for \($0.input))" } ?? "")
    if scale.hasMargin, scale.isSameSize {
      return PredictionRemark(
        "\(found): the middle, with a margin around it. Patches are laid so that what it gives covers the scan"
      )
    }
    let margin = scale.hasMargin ? ", with a margin around it along some axes" : ""
    return PredictionRemark(
      "\(found): the whole patch in voxels of another size\(margin). The result has other voxels than the scan"
    )
  }
}
