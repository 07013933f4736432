import Voxtile
import VoxtileFormats
import VoxtileStore

/// What was chosen, for a person and as JSON.
struct SampleSummary: Encodable {
  struct LabelCount: Encodable {
    var label: Int
    var scanVoxels: Int
    var patchVoxels: Int
  }
  struct Failing: Encodable {
    var scan: String
    var component: Int
    var voxels: Int
  }

  let scans: Int
  let training: Int
  let validation: Int
  let patches: Int
  let patch: [Int]
  /// How many patches were chosen for each reason.
  let reasons: [String: Int]
  /// How many patches do not keep each rule.
  let relaxed: [String: Int]
  let components: Int
  let wholeComponents: Int
  let uncovered: [Failing]
  let labels: [LabelCount]
  let bytes: Int
  let warnings: [String]

  init(_ set: SampleSet, options: SampleOptions) {
    let cases = set.cases
    scans = cases.count
    training = cases.count(where: \.isForTraining)
    validation = scans - training
    patches = cases.reduce(0) { $0 + $1.patches.count }
    patch = options.patch.sizes.all
    var reasons: [String: Int] = [:]
    var relaxed: [String: Int] = [:]
    var counts: [Int: (scan: Int, patches: Int)] = [:]
    for one in cases {
      for (place, label) in one.classes.enumerated() {
        let count = counts[label.value] ?? (0, 0)
        let inPatches = one.patches.reduce(0) { $0 + $1.classVoxels[place] }
        counts[label.value] = (count.scan + label.voxelCount, count.patches + inPatches)
      }
      for patch in one.patches {
        reasons[Self.word(patch.reason), default: 0] += 1
        for rule in patch.relaxed { relaxed[rule.rawValue, default: 0] += 1 }
      }
    }
    (self.reasons, self.relaxed) = (reasons, relaxed)
    labels = counts.sorted { $0.key < $1.key }.map {
      LabelCount(label: $0.key, scanVoxels: $0.value.scan, patchVoxels: $0.value.patches)
    }
    components = cases.reduce(0) { $0 + $1.components.count }
    wholeComponents = cases.reduce(0) { $0 + $1.holders.count { $0 > 0 } }
    uncovered = cases.flatMap { one in
      one.uncovered.map {
        Failing(scan: one.scan.name, component: $0 + 1, voxels: one.components[$0].voxelCount)
      }
    }
    bytes = options.writesPatches ? set.byteCount(options: options) : 0
    warnings =
      Self.coverWarnings(of: cases, options) + Self.warnings(of: cases, relaxed: relaxed)
      + Self.paddingWarnings(of: cases, options)
  }

  private static func word(_ reason: SampledPatch.Reason) -> String {
    switch reason {
    case .cover: "cover"
    case .label(let label, _): "label \(label)"
    case .foreground: "foreground"
    case .component: "lesion"
    case .negative: "background only"
    case .hard: "hard"
    default: "anywhere"
    }
  }

  private static func warnings(of cases: [SampleSet.Case], relaxed: [String: Int]) -> [String] {
    var warnings: [String] = []
    let empty = cases.filter { $0.classes.dropFirst().isEmpty }.map(\.scan.labels)
    if let first = empty.first {
      let others = empty.count > 1 ? " and \(Console.count(empty.count - 1, "other file"))" : ""
      warnings.append("\(first.printable)\(others): no voxel but background, so patches are drawn anywhere")
    }
    func others(_ all: [SampleSet.Case], _ words: String) -> String {
      all.count > 1 ? ", and \(Console.count(all.count - 1, "other scan")) \(words)" : ""
    }
    let weightless = cases.filter(\.hasOnlyZeroWeights)
    if let first = weightless.first {
      warnings.append(
        "\((first.scan.weights ?? first.scan.name).printable): all weights are 0, so no patch is drawn by them"
          + others(weightless, "with such a map"))
    }
    if let first = cases.first, let other = cases.first(where: { $0.channels != first.channels }) {
      warnings.append(
        "\(other.scan.name.printable) has \(Console.count(other.channels, "channel")), \(first.scan.name.printable) has "
          + "\(first.channels); a network takes one number of channels")
    }
    let absent = cases.filter { !$0.absentLabels.isEmpty }
    if let first = absent.first {
      let labels = first.absentLabels.map(String.init).joined(separator: ", ")
      warnings.append(
        "\(first.scan.name.printable) has no label \(labels), whose share goes to the others"
          + others(absent, "without some"))
    }
    let rules = SampledPatch.Relaxation.allCases.compactMap { rule in
      relaxed[rule.rawValue].map { "\(rule.rawValue) \(Console.grouped($0))" }
    }
    if !rules.isEmpty {
      warnings.append(
        "rules that patches do not keep, since none that does was found: \(rules.joined(separator: ", "))")
    }
    return warnings
  }

  /// That there is no lesion in any scan, though all of them were to be covered.
  private static func coverWarnings(of cases: [SampleSet.Case], _ options: SampleOptions) -> [String] {
    guard options.plan.cover != nil, cases.allSatisfy(\.components.isEmpty) else { return [] }
    let labels = options.lesions?.sorted().map(String.init).joined(separator: ", ")
    return ["no scan has a lesion\(labels.map { " of label \($0)" } ?? ""), so there is nothing to cover"]
  }

  /// What padding of scans that are shorter than a patch becomes, where their type does not hold it.
  private static func paddingWarnings(of cases: [SampleSet.Case], _ options: SampleOptions) -> [String] {
    return cases.filter(\.isPadded).lazy.compactMap { one in
      one.scan.images.lazy.compactMap { try? ImageFormats.open($0).info.remark(on: options.padding) }.first
        .map { "\(one.scan.name.printable): \($0)" }
    }.first.map { [$0] } ?? []
  }

  /// The summary for a person.
  ///
  /// - Parameter output: the folder that was written; `nil` where none was.
  func lines(output: String?) -> [String] {
    let size = patch.map(String.init).joined(separator: "x")
    let from = "\(Console.count(patches, "patch")) of \(size) of \(Console.count(scans, "scan"))"
    var lines = [output.map { "\(from) in \($0.printable)" } ?? from]
    if validation > 0 { lines.append("split    \(training) for training, \(validation) for validation") }
    let reasons = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.key) \(Console.grouped($0.value))"
    }
    if !reasons.isEmpty { lines.append("reasons  \(reasons.joined(separator: ", "))") }
    if components > 0 {
      let missing = uncovered.count
      let rest = components - wholeComponents - missing
      lines.append(
        "lesions  \(Console.grouped(wholeComponents)) of \(Console.grouped(components)) whole in a patch"
          + (rest > 0 ? ", \(Console.grouped(rest)) in several" : "")
          + (missing > 0 ? ", \(Console.grouped(missing)) not covered" : ", all covered"))
    }
    let (all, sampled) = labels.reduce((0, 0)) { ($0.0 + $1.scanVoxels, $0.1 + $1.patchVoxels) }
    for label in labels.prefix(12) where all > 0 && label.scanVoxels > 0 {
      func percent(_ count: Int, _ total: Int) -> String {
        Console.rounded(100 * Double(count) / Double(max(1, total)), decimals: 2) + " %"
      }
      lines.append(
        "label \(label.label)  \(percent(label.scanVoxels, all)) of the scans, \(percent(label.patchVoxels, sampled)) of the patches"
      )
    }
    if labels.count > 12 { lines.append("and \(Console.count(labels.count - 12, "other label"))") }
    if bytes > 0 { lines.append("disk     \(Console.bytes(bytes)) before compression") }
    return lines
  }
}
