import ArgumentParser

/// What the volumes of a 4D file are for a network.
enum TimePointsArgument: String, CaseIterable, ExpressibleByArgument {
  /// The channels of one image.
  case asChannels = "channels"
  /// Images of their own.
  case separately

  static let allValueDescriptions = [
    "channels": "the channels of one image", "separately": "each one is predicted by itself",
  ]
}
