import Voxtile
import VoxtileFormats

extension SampleManifest {
  /// What was asked for: all that the choice of patches depends on, beside the scans. Shares are from 0 to 1.
  public struct Settings: Codable, Hashable, Sendable {
    /// The size of a patch: width, height, depth.
    public var patch: [Int]
    /// How many patches of each scan were asked for; `nil` for as many as are needed.
    public var count: Int?
    /// What patches were drawn from.
    public var seed: UInt64
    /// Which components had to be covered; `nil` where none had to.
    public var cover: Cover?
    /// Labels whose voxels make components together; `nil` for components of each label.
    public var lesionClasses: [Int]?
    /// How many neighbors of a voxel touch it: 6, 18 or 26.
    public var connectivity: Int
    /// What patches were balanced by: `classes`, `voxels` or `components`.
    public var balance: String
    /// How often each label was drawn; `nil` where all were drawn as often.
    public var ratio: [String: Int]?
    /// Where a drawn voxel lies in its patch: `anywhere`, `center`, or `inner:0.5` for the middle half.
    public var placement: String
    /// The share of patches that hold background only.
    public var negatives: Double
    /// The share of patches that were drawn by weights.
    public var hard: Double
    /// The least share of a patch that is not background.
    public var minForeground: Double
    /// The value of the first image above which a voxel is tissue; `nil` where nobody asked.
    public var tissue: Double?
    /// The least share of a patch that is tissue.
    public var minTissue: Double
    /// The largest share of a patch that another one may hold, too.
    public var maxOverlap: Double
    /// The name of the `SamplingConvention` that was followed; `nil` for Voxtile's own rules.
    public var convention: String?
    /// Whether scans that are shorter than a patch were padded.
    public var padsSmallScans: Bool
    /// What voxels of images outside a scan are, such as `constant`, `constant:-1000` or `edge`.
    public var padding: String
    /// What labels outside a scan are.
    public var labelPadding: Int
    /// New labels for some labels; `nil` where labels stay.
    public var labelMap: [String: Int]?
    /// The share of scans that are for training.
    public var split: Double
    /// The name of the ``SampleLayout``.
    public var layout: String
  }

  /// Which components had to be covered.
  public struct Cover: Codable, Hashable, Sendable {
    /// In how many patches each had to lie whole.
    public var times: Int
    /// How many voxels around it the patch had to hold, too, where there was room.
    public var margin: Int
    /// Components with fewer voxels did not have to.
    public var minLesion: Int
  }
}

extension SampleManifest.Settings {
  init(_ options: SampleOptions) {
    let plan = options.plan
    patch = options.patch.sizes.all
    count = if case .exactly(let count) = plan.count { count } else { nil }
    seed = plan.seed
    cover = plan.cover.map { .init(times: $0.times, margin: $0.margin, minLesion: $0.leastVoxels) }
    lesionClasses = options.lesions?.sorted()
    connectivity = options.connectivity.rawValue
    (balance, ratio) =
      switch plan.balance {
      case .classes(let ratio): ("classes", ratio.map(Self.listed))
      case .voxels: ("voxels", nil)
      case .components: ("components", nil)
      }
    placement =
      switch plan.placement {
      case .anywhere: "anywhere"
      case .center: "center"
      case .inner(let share): "inner:\(share.fraction)"
      }
    (negatives, hard) = (plan.negatives.fraction, plan.hard.fraction)
    minForeground = plan.minimumForeground.fraction
    (tissue, minTissue) = (options.tissueThreshold, plan.minimumTissue.fraction)
    maxOverlap = plan.maximumOverlap.fraction
    convention = plan.convention?.rawValue
    padsSmallScans = plan.padsSmallScans
    (padding, labelPadding) = (options.padding.description, options.labelPadding)
    labelMap = options.labelMap.isEmpty ? nil : Self.listed(options.labelMap)
    split = options.trainingShare.fraction
    layout = options.layout.rawValue
  }

  private static func listed(_ numbers: [Int: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: numbers.map { ("\($0)", $1) })
  }

  private static func numbers(_ listed: [String: Int]) -> [Int: Int]? {
    let numbers = listed.compactMap { key, value in Int(key).map { ($0, value) } }
    return numbers.count == listed.count ? Dictionary(numbers) { first, _ in first } : nil
  }

  /// The options that these settings are of; `nil` where they can be those of no set.
  ///
  /// - Precondition: the patch has three sizes of at least 1.
  var options: SampleOptions? {
    guard let plan, let padding = Padding(self.padding), let layout = SampleLayout(rawValue: self.layout),
      let labelMap = Self.numbers(self.labelMap ?? [:]), let split = Self.share(split),
      let connectivity = Connectivity(rawValue: self.connectivity),
      tissue?.isFinite != false
    else { return nil }
    var options = SampleOptions(patch: Extent(listed: patch), plan: plan)
    options.lesions = lesionClasses.map(Set.init)
    options.connectivity = connectivity
    options.tissueThreshold = tissue
    options.labelMap = labelMap
    options.trainingShare = split
    options.layout = layout
    options.padding = padding
    options.labelPadding = labelPadding
    return options
  }

  private var plan: SamplingPlan? {
    guard let balance = planBalance, let placement = planPlacement, let negatives = Self.share(negatives),
      let hard = Self.share(hard), let minimumForeground = Self.share(minForeground),
      let minimumTissue = Self.share(minTissue), let maximumOverlap = Self.share(maxOverlap)
    else { return nil }
    var plan = SamplingPlan(
      count: count.map { .exactly($0) } ?? .automatic, seed: seed,
      cover: cover.map { .init(times: $0.times, margin: $0.margin, leastVoxels: $0.minLesion) },
      balance: balance, placement: placement, negatives: negatives)
    plan.hard = hard
    (plan.minimumForeground, plan.minimumTissue) = (minimumForeground, minimumTissue)
    plan.maximumOverlap = maximumOverlap
    plan.padsSmallScans = padsSmallScans
    if let convention {
      guard let known = SamplingConvention(rawValue: convention) else { return nil }
      plan.convention = known
    }
    return (try? plan.check()) == nil ? nil : plan
  }

  private var planBalance: SamplingPlan.Balance? {
    switch balance {
    case "classes":
      guard let ratio else { return .classes(nil) }
      return Self.numbers(ratio).map { .classes($0) }
    case "voxels": return .voxels
    case "components": return .components
    default: return nil
    }
  }

  private var planPlacement: SamplingPlan.Placement? {
    switch placement {
    case "anywhere": return .anywhere
    case "center": return .center
    default:
      guard placement.hasPrefix("inner:") else { return nil }
      return Double(placement.dropFirst("inner:".count)).flatMap(Self.share).map { .inner($0) }
    }
  }

  private static func share(_ fraction: Double) -> Share? {
    (0...1).contains(fraction) ? .fraction(fraction) : nil
  }
}

extension SampleManifest.Settings {
  /// The plan in words, for a person.
  package var summary: String {
    func percent(_ share: Double) -> String { "\((100 * share).rounded(toDecimals: 4)) %" }
    var words = [convention.map { "as \($0) draws" }, count.map { "\($0) patches of each scan" }].compactMap(
      \.self)
    if let cover {
      words.append("each component whole in \(cover.times == 1 ? "a patch" : "\(cover.times) patches")")
      if cover.margin > 0 { words.append("margin \(cover.margin)") }
      if cover.minLesion > 1 { words.append("components of at least \(cover.minLesion) voxels") }
    }
    if let lesionClasses { words.append("lesions of label \(Self.joined(lesionClasses))") }
    if connectivity != Connectivity.corners.rawValue { words.append("\(connectivity) neighbors touch") }
    let shares = ratio.map {
      " \($0.sorted { $0.key < $1.key }.map { "\($0):\($1)" }.joined(separator: ","))"
    }
    words.append("balance by \(balance)\(shares ?? "")")
    if placement != "anywhere" { words.append("placement \(placement)") }
    for (share, name) in [(negatives, "background only"), (hard, "drawn by weights")] where share > 0 {
      words.append("\(percent(share)) \(name)")
    }
    if minForeground > 0 { words.append("at least \(percent(minForeground)) foreground") }
    if let tissue, minTissue > 0 { words.append("at least \(percent(minTissue)) tissue above \(tissue)") }
    if convention == nil { words.append("at most \(percent(maxOverlap)) shared with another patch") }
    return words.joined(separator: ", ")
  }

  private static func joined(_ labels: [Int]) -> String { labels.map(String.init).joined(separator: ",") }
}
