"""What joining a programme brings: members against those who joined later."""
