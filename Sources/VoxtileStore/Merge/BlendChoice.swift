import Voxtile
import VoxtileFormats

/// The blend of a merge, and why it was chosen.
public struct BlendChoice: Sendable {
  /// How several patches become one value.
  public let blend: Blend
  /// Why.
  public let reason: Reason
  /// The largest distance of a value from a whole number among the patches looked at beforehand.
  public internal(set) var largestError = 0.0

  /// Why a blend was chosen.
  @nonexhaustive
  public enum Reason: Hashable, Sendable {
    /// It was asked for.
    case asked
    /// The files say that their values are labels, and they are whole numbers.
    case declaredLabels
    /// Values are whole numbers, or nearly so, and this share of neighboring voxels is equal: labels.
    case regions(equalNeighbors: Double)
    /// Values are whole numbers, but there are no neighbors other than background to compare.
    case background
    /// Values are whole numbers, but only this share of neighboring voxels is equal: a scan.
    case noise(equalNeighbors: Double)
    /// A value is not near a whole number.
    case fractions(example: Double)
    /// Several channels hold values from 0 to 1: class probabilities, or one channel for each label.
    case classes(channels: Int)
    /// Several channels hold 0 and this value alone: one channel for each label, as masks are often stored.
    case masks(channels: Int, value: Int)
    /// The channels are colors.
    case colors
  }

  /// Whether each channel is voted on by itself, though together they look like classes: a voxel may get none of them then.
  public internal(set) var votesOnEachClass = false

  /// Whether the values of the patches or the format decided, not the caller.
  public var isGuessed: Bool { reason != .asked }

  /// Whether values are rounded to whole numbers before they are counted.
  var roundsLabels: Bool { blend.isVote && largestError <= LabelTest.largestLabelError }
}

extension BlendChoice.Reason: CustomStringConvertible {
  /// Why, in a few words.
  public var description: String {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded(.down))) %" }
    switch self {
    case .asked: return "it was asked for"
    case .declaredLabels: return "the files say that they hold labels"
    case .regions(let share):
      return "whole numbers whose neighbors are mostly equal (\(percent(share))) are labels"
    case .background:
      return "there is only background to judge by, and labels must not be averaged"
    case .noise(let share): return "neighbors are rarely equal (\(percent(share))), so these are not labels"
    case .fractions(let example): return "values such as \(Float(example)) are not labels"
    case .classes(let count):
      return "\(count) channels of values from 0 to 1 are class probabilities or one channel for each label"
    case .masks(let count, let value):
      return "\(count) channels of 0 and \(value) are one channel for each label"
    case .colors: return "the channels are colors"
    }
  }
}

extension BlendChoice {
  /// Chooses a blend from what the files say and from the values of a few patches.
  ///
  /// - Parameters:
  ///   - asked: the blend that was asked for, or `nil`.
  ///   - headers: the patch files.
  ///   - manifest: that of the crop.
  /// - Throws: `VoxtileError.Code.invalidOption` where a mean is asked for of indices into a palette, and what reading patches
  ///   throws.
  init(asked: Blend?, headers: PatchFileHeaders, manifest: Manifest) throws {
    if headers.palette != nil, let asked, asked.isMean {
      throw VoxtileError(
        .invalidOption,
        "the values are indices into a palette of colors, and the mean of two indices is another color altogether; use "
          + "vote or center",
        context: .init(expected: "vote or center", found: asked.name))
    }
    let test = asked.map { !$0.isVote } == true ? LabelTest() : try headers.testLabels()
    let isLabelMap = headers.isLabelMap || manifest.holdsLabels
    let hasClasses = headers.channels > 1 && test.isWithinUnitInterval && !isLabelMap
    let mask = headers.channels > 1 && !isLabelMap ? test.onlyMaskValue : nil
    if let asked {
      self.init(
        blend: asked, reason: .asked, largestError: test.largestError,
        votesOnEachClass: asked.isVote && (hasClasses || mask != nil))
      return
    }
    // Color pictures have areas of one color too, but they are not labels. Only the format's own word counts: where it
    // depends on details of the file, the values decide.
    let info = VolumeInfo(
      extent: manifest.source.extent, channels: headers.channels, scalarType: headers.scalarType)
    let format = headers.firstPath.flatMap { ImageFormats.registry.format(forName: $0) }
    let (blend, reason): (Blend, Reason) =
      if format?.channelsAreColor(info) == true {
        (.average, .colors)
      } else if hasClasses {
        (.average, .classes(channels: headers.channels))
      } else if let mask {
        (.average, .masks(channels: headers.channels, value: mask))
      } else if test.hasFractions {
        (.average, .fractions(example: test.exampleOfError))
      } else if isLabelMap {
        (.vote, .declaredLabels)
      } else if test.pairs == 0 {
        (.vote, .background)
      } else if test.looksLikeLabels {
        (.vote, .regions(equalNeighbors: test.equalNeighbors))
      } else {
        (.average, .noise(equalNeighbors: test.equalNeighbors))
      }
    self.init(blend: blend, reason: reason, largestError: test.largestError)
  }
}

extension LabelTest {
  /// Whether all values are from 0 to 1, as far as files keep that exactly.
  var isWithinUnitInterval: Bool { Self.isWithinUnitInterval(lowest: lowest, highest: highest) }

  /// Whether a range of values lies from 0 to 1, as far as files keep that exactly.
  static func isWithinUnitInterval(lowest: Double, highest: Double) -> Bool {
    lowest >= -negligibleError && highest <= 1 + negligibleError
  }
}

extension PatchFileHeaders {
  /// How many values of a patch are looked at together, beforehand.
  private static let valuesAtOnce = 1 << 15

  /// Looks at some slices of a few patches from all over the grid; the border alone may be empty. It needs little memory,
  /// however large patches are.
  fileprivate func testLabels() throws -> LabelTest {
    var test = LabelTest()
    let patches = presentPatches
    let step = max(1, patches.count / 16)
    for number in stride(from: step / 2, to: patches.count, by: step) where !test.isDecided {
      for region in Self.samples(of: patches[number].region.extent, channels: channels) where !test.isDecided
      {
        let part: Volume<Double> = try part(region, of: patches[number], realType: .float64)
        test.add(part)
      }
    }
    return test
  }

  /// Up to eight slices from all over a patch, or the middle rows of them where they are large.
  private static func samples(of extent: Extent, channels: Int) -> [Region] {
    let count = min(8, extent.depth)
    let rows = min(extent.height, max(1, valuesAtOnce / max(1, extent.width * channels)))
    let first = (extent.height - rows) / 2
    return (0..<count).map { number in
      let slice = (2 * number + 1) * extent.depth / (2 * count)
      return Region(x: 0..<extent.width, y: first..<first + rows, z: slice..<slice + 1)
    }
  }
}
