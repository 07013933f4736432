import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

/// Which training patches are chosen.
struct SamplingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The size of a patch in voxels, x first.", valueName: "96|96x96x64"))
  var patch: PatchArgument

  @Option(
    help: ArgumentHelp(
      "How many patches of each scan; auto takes as many as the cover needs, or as would tile the scan.",
      valueName: "n|auto"))
  var count = SampleCountArgument.automatic

  @Option(
    help: ArgumentHelp("What patches are drawn from: the same seed gives the same patches.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Every lesion lies whole in a patch, or in so many; one that is larger than a patch is tiled.",
      valueName: "lesions|lesions:2"))
  var cover: CoverArgument?

  @Option(help: ArgumentHelp("How many voxels around a lesion its patch also holds.", valueName: "n"))
  var margin: Int?

  @Option(help: ArgumentHelp("Smaller lesions, in voxels, need not be covered.", valueName: "n"))
  var minLesion: Int?

  @Option(
    help: ArgumentHelp(
      "Labels that are lesions; where they touch they are one. By default voxels of each label make lesions of their own.",
      valueName: "2,3"))
  var lesionClasses: LabelListArgument?

  @Option(help: "How many neighbors of a voxel touch it.")
  var connectivity = ConnectivityName.corners

  @Option(
    help: ArgumentHelp(
      "What the other patches are drawn by: each class, each voxel of foreground, or each lesion as often as the others."
    ))
  var balance = BalanceName.classes

  @Option(
    help: ArgumentHelp("How often each label is drawn, 0 being the background.", valueName: "0:1,1:2"))
  var ratio: LabelPairsArgument?

  @Option(
    help: ArgumentHelp("Where a drawn voxel lies in its patch.", valueName: "anywhere|center|inner:50%"))
  var placement = PlacementArgument.anywhere

  @Option(help: ArgumentHelp("How many patches hold background only.", valueName: "30%"))
  var negatives: ShareArgument?

  @Option(
    help: ArgumentHelp(
      "The least part of a patch that is not background; those of the cover are free of it.", valueName: "1%")
  )
  var minForeground: ShareArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Voxels of the first image above this value are tissue.", valueName: "value"))
  var tissue: Double?

  @Option(
    help: ArgumentHelp(
      "The least part of a patch that is tissue; those of the cover are free of it.", valueName: "50%"))
  var minTissue: ShareArgument?

  @Option(
    help: ArgumentHelp("The most that a patch shares with another one (default: 75%).", valueName: "75%"))
  var maxOverlap: ShareArgument?

  @Option(
    help: ArgumentHelp(
      "A map of weights, such as errors of a prediction, by which hard places are drawn; {case} stands for the scan's name.",
      valueName: "map.nii.gz"))
  var weight: String?

  @Option(help: ArgumentHelp("How many patches are drawn by the weights (default: 20%).", valueName: "20%"))
  var hard: ShareArgument?

  @Option(help: "Draw as another system does, with its probabilities and without rules of its own.")
  var compat: SamplingConvention?

  @Option(help: "Whether a scan shorter than a patch is padded.")
  var edge = SmallScanPolicy.fail

  func validate() throws {
    for (name, value, least) in [("--margin", margin, 0), ("--min-lesion", minLesion, 1)] {
      guard let value else { continue }
      guard cover != nil else {
        throw ValidationError("\(name) is for --cover lesions; add that, or leave it out")
      }
      guard (least...Int(Int32.max)).contains(value) else {
        throw ValidationError("\(name) \(value) is out of range; use \(least) to \(Int32.max)")
      }
    }
    if ratio != nil, balance != .classes {
      throw ValidationError(
        "--ratio is for --balance classes, not --balance \(balance.rawValue); leave one out")
    }
    if minTissue != nil, tissue == nil {
      throw ValidationError("--min-tissue needs --tissue with the value above which voxels are tissue")
    }
    if let tissue, !tissue.isFinite {
      throw ValidationError("--tissue \(tissue) is no value of an image; give a finite one")
    }
    if hard != nil, weight == nil { throw ValidationError("--hard needs --weight with a map of weights") }
    try checkConvention()
  }

  /// Checks that nothing is asked for that another system does not know.
  private func checkConvention() throws {
    guard let compat else { return }
    if case .automatic = count.count {
      throw ValidationError("--compat \(compat.rawValue) needs --count with a number")
    }
    let given: [(String, Bool)] = [
      ("--cover", cover != nil), ("--balance", balance != .classes),
      ("--placement", placement.placement != .anywhere),
      ("--negatives", negatives != nil), ("--min-foreground", minForeground != nil),
      ("--min-tissue", minTissue != nil), ("--max-overlap", maxOverlap != nil), ("--weight", weight != nil),
      ("--ratio", ratio != nil && compat == .nnunet),
    ]
    if let option = given.first(where: { $0.1 }) {
      throw ValidationError("--compat \(compat.rawValue) knows no \(option.0); leave one of them out")
    }
  }

  /// The plan for each scan.
  var plan: SamplingPlan {
    var plan = SamplingPlan(count: count.count, seed: seed, placement: placement.placement)
    plan.cover = cover.map {
      .init(times: $0.times, margin: margin ?? 0, leastVoxels: minLesion ?? 1)
    }
    plan.balance =
      switch balance {
      case .classes: .classes(ratio?.pairs)
      case .voxels: .voxels
      case .lesions: .components
      }
    plan.negatives = negatives?.share ?? .none
    plan.hard = weight == nil ? .none : hard?.share ?? .fraction(0.2)
    plan.minimumForeground = minForeground?.share ?? .none
    plan.minimumTissue = minTissue?.share ?? .none
    if let maxOverlap { plan.maximumOverlap = maxOverlap.share }
    plan.padsSmallScans = edge == .pad
    plan.convention = compat
    return plan
  }

  /// The options of sampling for a scan of this size.
  func options(over info: VolumeInfo) throws -> SampleOptions {
    var options = SampleOptions(patch: try patch.extent(over: ImageSize(info)), plan: plan)
    options.lesions = lesionClasses?.labels
    options.connectivity = connectivity.connectivity
    options.tissueThreshold = tissue
    return options
  }
}
