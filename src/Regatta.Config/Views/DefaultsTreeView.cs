namespace Regatta.Config;

/// <summary>A node of the tree of defaults, for people to look at.</summary>
/// <param name="Text">The item as a defaults list would name it.</param>
/// <param name="Package">Where its content goes; empty for the root.</param>
/// <param name="Where">Where it was named or chosen.</param>
/// <param name="Children">What its own defaults list names.</param>
public sealed record DefaultsTreeView(string Text, string Package, string? Where, IReadOnlyList<DefaultsTreeView> Children)
{
    /// <summary>The tree of a composition, without the engine's own part.</summary>
    public static IReadOnlyList<DefaultsTreeView> Of(Composition composition) =>
        (composition.Plan.Tree.Children ?? []).Where(c => c.Item.Path != "hydra/config").Select(Make).ToList();

    private static DefaultsTreeView Make(DefaultsNode node)
    {
        var item = node.Item;
        var text = item.IsSelf ? "_self_" : item.IsGroup ? $"{item.OverrideKey}: {(item.Value is IReadOnlyList<string> several ? $"[{string.Join(", ", several)}]" : item.Name ?? "null")}" : item.ConfigPath;
        if (item.Deleted) text += item.Optional ? " (optional, not there)" : " (deleted)";
        var origin = item.ChosenAt ?? item.Origin;
        var where = origin.Source is null || origin.Source.Kind == OriginKind.Engine || item.IsSelf ? null : origin.ToString();
        return new DefaultsTreeView(text, item.IsSelf ? "" : item.FinalPackage(), where, (node.Children ?? []).Select(Make).ToList());
    }
}
