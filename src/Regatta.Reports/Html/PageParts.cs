namespace Regatta.Reports.Html;

/// <summary>What other pages share with the report.</summary>
public static class PageParts
{
    /// <summary>The logo, an SVG element.</summary>
    public static string Logo => HtmlReport.Logo;

    /// <summary>The style sheet.</summary>
    public static string Style => HtmlReport.Asset("report.css");

    /// <summary>The chart library, a script.</summary>
    public static string Charts => HtmlReport.Asset("echarts.echarts.common.min.js");

    /// <summary>The Gantt charts, a script.</summary>
    public static string Gantt => HtmlReport.Asset("gantt.js");
}
