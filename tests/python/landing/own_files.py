"""The smallest files that can be landed."""

ORDERS = "order_id,customer_id,ordered_at\n1,c1,2017-01-01 10:00:00\n2,,2017-01-02\n"
LINES = "order_line_id,order_id,quantity,net_revenue\n1,1,1,2.50\n2,2,-1,-3\n"
