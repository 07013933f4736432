import Voxtile

extension OMEHeader {
  /// The axes that are none of space and have more than one element, the one that runs slowest first.
  private var others: [(axis: OMEAxis, size: Int, scale: Double?)] {
    guard let roles = try? axes.roles() else { return [] }
    return axes.indices.filter { roles[$0] == .channel && shape[$0] > 1 }.map {
      (axes[$0], shape[$0], transform?.scale[$0])
    }
  }

  /// Values per voxel.
  var channelCount: Int { others.map(\.size).reduce(1, *) }

  /// What they are.
  var channelMeaning: ChannelMeaning {
    let others = others
    guard others.count == 1, let other = others.first else {
      return others.isEmpty ? .unknown : .axes(others.reversed().map(\.size))
    }
    guard other.axis.type == "time" else { return .unknown }
    let unit = other.axis.unit.flatMap(TimeUnit.seconds)
    guard let unit, let scale = other.scale, scale.isFinite, scale > 0 else { return .time(stepSeconds: nil) }
    return .time(stepSeconds: scale * unit)
  }
}
