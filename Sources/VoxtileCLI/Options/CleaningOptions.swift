import ArgumentParser
import Voxtile

/// What a label map is freed of.
struct CleaningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Remove components of labels that are smaller; before the number, the labels that this is for may stand.",
      valueName: "0.1ml|1,2:0.1ml|20voxels"))
  var minVolume: VolumeArgument?

  @Option(
    help: ArgumentHelp(
      "Keep only the largest component of each of these labels; voxels that share a corner are connected.",
      valueName: "all|1,2"))
  var keepLargest: ChosenLabelsArgument?

  @Option(
    help: ArgumentHelp(
      "Fill the holes of each of these labels: what no path over faces of voxels leads out of.",
      valueName: "all|1,2"))
  var fillHoles: ChosenLabelsArgument?

  /// Whether anything is cleaned.
  var isAsked: Bool { minVolume != nil || keepLargest != nil || fillHoles != nil }

  /// What is removed and filled; `nil` where no option is given.
  ///
  /// - Throws: `VoxtileError` where a volume is given in ml, but the image does not say the size of a voxel.
  func cleaning(of info: VolumeInfo) throws -> LabelCleaning? {
    guard isAsked else { return nil }
    func labels(_ labels: Set<Int>?) -> LabelCleaning.Labels { labels.map { .some($0) } ?? .all }
    var cleaning = LabelCleaning()
    if let minVolume {
      cleaning.labelsWithoutSmall = labels(minVolume.labels)
      cleaning.minimumVoxelCount = try minVolume.voxelCount(in: info)
    }
    cleaning.labelsKeptLargest = keepLargest.map { labels($0.labels) }
    cleaning.labelsFilled = fillHoles.map { labels($0.labels) }
    return cleaning
  }
}

/// A volume such as `0.1ml`, `50mm3` or `20voxels`, with the labels that it is for before it: `1,2:0.1ml`.
struct VolumeArgument: ExpressibleByArgument {
  /// The labels; `nil` for all.
  let labels: Set<Int>?
  private let number: Double
  /// The volume of one unit in mm³; `nil` for voxels.
  private let unitVolume: Double?

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count), let volume = parts.last else { return nil }
    if parts.count == 2 {
      guard let named = LabelsArgument(argument: parts[0]) else { return nil }
      labels = Set(named.values)
    } else {
      labels = nil
    }
    let units: [(String, Double?)] = [("ml", 1000), ("mm3", 1), ("voxels", nil)]
    guard let unit = units.first(where: { volume.hasSuffix($0.0) }),
      let number = Double(volume.dropLast(unit.0.count)), number >= 0, number.isFinite
    else { return nil }
    (self.number, unitVolume) = (number, unit.1)
  }

  /// The fewest voxels that have the volume.
  func voxelCount(in info: VolumeInfo) throws(VoxtileError) -> Int {
    guard let unitVolume else { return Int(min(number, 0x1p53).rounded(.up)) }
    let spacing = info.metadata.spacing
    let voxelVolume = spacing.x * spacing.y * spacing.z
    guard info.metadata.place != .unknown, voxelVolume > 0 else {
      throw VoxtileError(
        .invalidOption,
        "does not say the size of a voxel, so there is no telling what has the volume; give a number of voxels"
      )
    }
    // Tolerates a rounded spacing, so that exactly 20 voxels do not become 21.
    return Int(min(number * unitVolume / voxelVolume * (1 - 1e-9), 0x1p53).rounded(.up))
  }
}
