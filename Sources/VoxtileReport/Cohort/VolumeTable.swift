import VoxtileCases

/// The volume of each label in each case.
struct VolumeTable {
  /// A label: the same number and name in all cases.
  struct Key: Hashable {
    let label: Int
    let name: String?
  }

  /// The labels, in order.
  let keys: [Key]
  /// For each label, its volume in each case; `nil` where that is not known.
  let columns: [[Double?]]
  /// How many labels there are more.
  let labelsLeftOut: Int

  /// - Parameters:
  ///   - findings: those of each case; none of one that failed.
  ///   - isInMilliliters: whether volumes are ml instead of voxels. Those of a case that does not say how large a voxel is are not known
  ///     then.
  ///   - mostLabels: how many labels are taken, those that have most of all cases.
  init(_ findings: [CaseFindings?], inMilliliters isInMilliliters: Bool, mostLabels: Int) {
    var sums: [Key: Double] = [:]
    let cases = findings.map { found -> [Key: Double]? in
      guard let found, !isInMilliliters || found.spacing != nil else { return nil }
      var volumes: [Key: Double] = [:]
      for label in found.labels {
        let volume = isInMilliliters ? label.milliliters : Double(label.voxels)
        guard let volume, volume.isFinite else { continue }
        let key = Key(label: label.label, name: label.name)
        volumes[key, default: 0] += volume
        sums[key, default: 0] += volume
      }
      return volumes
    }
    let kept = sums.sorted { ($1.value, $0.key.label) < ($0.value, $1.key.label) }.prefix(mostLabels).map(
      \.key)
    keys = kept.sorted { ($0.label, $0.name ?? "") < ($1.label, $1.name ?? "") }
    columns = keys.map { key in cases.map { $0.map { $0[key] ?? 0 } } }
    labelsLeftOut = sums.count - kept.count
  }
}
