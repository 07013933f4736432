import Voxtile
import VoxtileStore

/// What a person should know about a merge.
struct MergeRemark {
  /// One sentence, without a full stop.
  let text: String
  /// Whether the result may not be what the person expects.
  let isWarning: Bool

  private init(_ text: String, isWarning: Bool = true) {
    self.text = text
    self.isWarning = isWarning
  }

  /// All remarks on a merge.
  ///
  /// - Parameters:
  ///   - report: what the merge found.
  ///   - element: what the image consists of, `voxel` or `pixel`.
  ///   - fill: the value of what no patch holds.
  ///   - nan: what was done with NaN.
  ///   - output: the path of the merged file.
  static func all(
    on report: PatchStore.MergeReport, element: String, fill: Double, nan: NaNPolicy, output: String
  ) -> [MergeRemark] {
    [
      realValues(report, output),
      blend(report.choice), votedClasses(report), labels(report.findings), turned(report.turnedPatches),
      missing(report.missingPatches), uncovered(report.uncoveredVoxels, element, fill: fill),
      notNumbers(report.findings.nanCounts, policy: nan), saturated(report), zeroed(report),
    ].compactMap(\.self) + (report.instances.map(instances) ?? [])
  }

  private static func blend(_ choice: BlendChoice) -> MergeRemark? {
    guard choice.isGuessed else { return nil }
    return MergeRemark(
      "merged by \(choice.blend): \(choice.reason); --blend chooses another", isWarning: false)
  }

  private static func votedClasses(_ report: PatchStore.MergeReport) -> MergeRemark? {
    guard report.choice.votesOnEachClass else { return nil }
    return MergeRemark(
      "\(report.channels) channels look like class probabilities or one channel for each label, and are voted on one by one, so "
        + "a voxel may get no class; --blend average keeps them together, and --output-kind labels takes the largest"
    )
  }

  private static func instances(_ report: InstanceReport) -> [MergeRemark] {
    var remarks = [
      MergeRemark(
        "\(Console.count(report.instanceCount, "instance")) of \(Console.count(report.objectCount, "object")) in patches, "
          + "\(Console.grouped(report.joinedInstanceCount)) of them joined at an IoU of at least \(Console.rounded(report.leastIoU))",
        isWarning: false)
    ]
    if report.lostObjectCount > 0 {
      remarks.append(
        MergeRemark(
          "\(Console.count(report.lostObjectCount, "object")) not in the image: nearer patches decide there and do not have them",
          isWarning: false))
    }
    if report.unjoinedPairCount > 0 {
      remarks.append(
        MergeRemark(
          "\(Console.count(report.unjoinedPairCount, "pair")) of objects of two patches that share voxels were not joined: their "
            + "IoU is too small or another object fits better; --instance-iou sets the least IoU"))
    }
    if !report.axesWithoutOverlap.isEmpty {
      remarks.append(
        MergeRemark(
          "patches do not overlap everywhere along \(report.axesWithoutOverlap.map(\.rawValue).joined(separator: ", ")); "
            + "an object that reaches across there has several numbers"))
    }
    return remarks
  }

  private static func realValues(_ report: PatchStore.MergeReport, _ output: String) -> MergeRemark? {
    guard report.wroteRealValues else { return nil }
    return MergeRemark(FormatWords.realValues(as: report.scalarType, in: output), isWarning: false)
  }

  private static func labels(_ findings: PatchFindings) -> MergeRemark? {
    let error = findings.largestLabelError
    guard error > LabelTest.negligibleError else { return nil }
    let words = "labels are up to \(Console.rounded(error)) from whole numbers"
    return MergeRemark(
      error <= LabelTest.largestLabelError
        ? "\(words) and were rounded"
        : "\(words); those within \(LabelTest.largestLabelError) were rounded, others counted as they are")
  }

  private static func turned(_ patches: [Int]) -> MergeRemark? {
    guard let first = patches.first else { return nil }
    return MergeRemark(
      "\(Console.count(patches.count, "patch")) had permuted or reversed axes and were turned back, as their positions "
        + "say, the first being patch \(first)", isWarning: false)
  }

  private static func missing(_ patches: [Int]) -> MergeRemark? {
    guard let first = patches.first else { return nil }
    return MergeRemark(
      "\(Console.count(patches.count, "patch")) \(patches.count == 1 ? "has" : "have") no file, the first being patch \(first)"
    )
  }

  private static func uncovered(_ voxels: Int, _ element: String, fill: Double) -> MergeRemark? {
    guard voxels > 0 else { return nil }
    return MergeRemark(
      "\(Console.count(voxels, element)) \(voxels == 1 ? "is" : "are") in no patch, with the fill value "
        + (fill.isNaN ? "nan" : Console.rounded(fill)))
  }

  private static func notNumbers(_ counts: [Int: Int], policy: NaNPolicy) -> MergeRemark? {
    guard !counts.isEmpty else { return nil }
    let indices = counts.keys.sorted()
    let named = indices.prefix(5).map(String.init).joined(separator: ", ")
    let which = indices.count == 1 ? "patch \(named)" : "patches \(named)"
    let others = indices.count > 5 ? " and \(indices.count - 5) others" : ""
    return MergeRemark(
      "\(Console.count(counts.values.reduce(0, +), "NaN value")) in \(which)\(others); "
        + (policy == .ignore ? "they did not count" : "--nan ignore leaves them out"))
  }

  private static func saturated(_ report: PatchStore.MergeReport) -> MergeRemark? {
    guard report.saturatedValues > 0 else { return nil }
    return MergeRemark(
      "\(Console.count(report.saturatedValues, "value")) outside of the range of \(report.scalarType.rawValue) became the "
        + "nearest value inside")
  }

  private static func zeroed(_ report: PatchStore.MergeReport) -> MergeRemark? {
    guard report.zeroedNaNValues > 0 else { return nil }
    return MergeRemark(
      "\(Console.count(report.zeroedNaNValues, "NaN value")) became 0, since \(report.scalarType.rawValue) has no NaN"
    )
  }
}
